/** From what our records say to what one host is told. Pure. */
import type { Bundle, FirewallRule } from '@cep/contracts/bundle';
import { inRange } from '../hosts/addresses.ts';
import { endpointsOf, type Landmark } from '../hosts/landmarks.ts';
import type { Member } from '../policies/members.ts';

/** What all hosts of a network are told. */
export interface NetworkSources {
  readonly network: Bundle['network'];
  /** PEM */
  readonly authorities: string;
  /** Fingerprints. */
  readonly revoked: readonly string[];
  /** All of the network's, enrolled or not: one that comes later is then already known. */
  readonly landmarks: readonly Landmark[];
  /** Who may reach each of them. */
  readonly inboundOf: (host: Member) => readonly FirewallRule[];
  /** Packed once for all of them. */
  readonly names: string;
}

/** What one host is told. */
export interface HostSources extends Member {
  readonly id: string;
  readonly address: string;
  readonly lighthouse: boolean;
  readonly relay: boolean;
  readonly interface: boolean;
  readonly port: number | null;
  readonly version: number;
  /** PEM */
  readonly certificate: string;
}

export function compileBundle(
  { network, authorities, revoked, landmarks, inboundOf, names }: NetworkSources,
  host: HostSources,
  issuedAt: Date,
): Bundle {
  const { id, name, address, lighthouse, relay, port, version, certificate } = host;
  const others = landmarks.filter((each) => each.name !== name);
  return {
    version,
    issuedAt: issuedAt.toISOString(),
    network,
    host: {
      ...{ id, name, address: inRange(address, network.cidr) },
      ...{ lighthouse, relay, interface: host.interface, port },
    },
    certificate,
    authorities,
    blocklist: [...revoked],
    lighthouses: others.filter((each) => each.lighthouse).map(whereabouts),
    // Nebula has no chains of relays: one cannot itself be reached through another.
    relays: relay ? [] : others.filter((each) => each.relay).map(whereabouts),
    inbound: [...inboundOf(host)],
    names,
  };
}

const whereabouts = (landmark: Landmark) => ({
  address: landmark.address,
  endpoints: endpointsOf(landmark),
});
