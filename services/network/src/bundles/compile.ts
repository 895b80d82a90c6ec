/** From what our records say to what one host is told. Pure. */
import type { Bundle } from '@cep/contracts/bundle';
import { versionsFor } from '@cep/nebula/lint';
import { address6Of, inRange, networksOf } from '../hosts/addresses.ts';
import { endpointsOf, type Landmark, mayHaveIpv6 } from '../hosts/landmarks.ts';
import type { NetworkRow } from '../networks/store.ts';
import type { HostRules } from '../policies/compile.ts';
import type { Member } from '../policies/members.ts';

/** What all hosts of a network are told. */
export interface NetworkSources {
  readonly network: NetworkRow;
  /** PEM, by version. */
  readonly authorities: { readonly first: string; readonly second: string };
  /** Fingerprints. */
  readonly revoked: readonly string[];
  /** All of the network's, enrolled or not: one that comes later is then already known. */
  readonly landmarks: readonly Landmark[];
  readonly rulesOf: (host: Member) => HostRules;
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
  /** Whether it hears of changes. */
  readonly live: boolean;
  /** PEM */
  readonly certificate: string;
  readonly certificateV2: string | null;
  /** As its machine said last. */
  readonly nebulaVersion: string | null;
}

/** What every host of the network is told alike, and what is for one alone: together, a bundle. */
export type SharedPart = Pick<Bundle, 'authorities' | 'blocklist' | 'names'>;
export type OwnPart = Omit<Bundle, keyof SharedPart>;

export const compileShared = ({ authorities, revoked, names }: NetworkSources): SharedPart => ({
  ...{ authorities: authorities.first, blocklist: [...revoked], names },
});

export function compileOwn(
  { network, authorities, landmarks, rulesOf }: NetworkSources,
  host: HostSources,
  issuedAt: Date,
): OwnPart {
  const { id, name, address, lighthouse, relay, port, version, certificate } = host;
  const { id: networkId, cidr } = network;
  const whereabouts = (landmark: Landmark) => {
    const address6 = mayHaveIpv6(landmark) && address6Of(network, landmark.address);
    return {
      address: landmark.address,
      ...(address6 && { address6 }),
      endpoints: endpointsOf(landmark),
    };
  };
  const others = landmarks.filter((each) => each.name !== name);
  return {
    version,
    issuedAt: issuedAt.toISOString(),
    network: { id: networkId, name: network.name, cidr },
    host: {
      ...{ id, name, address: inRange(address, cidr) },
      ...{ lighthouse, relay, interface: host.interface, port },
    },
    certificate,
    ...secondOf(network, host, authorities.second),
    lighthouses: others.filter((each) => each.lighthouse).map(whereabouts),
    // Nebula has no chains of relays: one cannot itself be reached through another.
    relays: relay ? [] : others.filter((each) => each.relay).map(whereabouts),
    ...firewallOf(host, rulesOf(host)),
  };
}

/**
 * A host that hears of no change may call everyone: what it is let in to is decided by whom it calls,
 * and the rules that it was given would keep it from what is allowed later.
 */
function firewallOf(
  { live }: HostSources,
  { inbound, outbound }: HostRules,
): Pick<Bundle, 'inbound' | 'outbound'> {
  return {
    inbound: inbound.map(({ peer, ...traffic }) => ({ ...traffic, from: peer })),
    ...(live && { outbound: outbound.map(({ peer, ...traffic }) => ({ ...traffic, to: peer })) }),
  };
}

/** An older nebula would refuse the configuration as a whole for what it does not read. */
function secondOf(
  network: NetworkRow,
  { address, certificateV2, nebulaVersion }: HostSources,
  authorities: string,
): Pick<Bundle, 'version2'> {
  const [, address6] = networksOf(network, address);
  if (certificateV2 === null || address6 === undefined || network.cidr6 === null) return {};
  if (!versionsFor(network, nebulaVersion).includes(2)) return {};
  return {
    version2: {
      ...{ network: { cidr: network.cidr6 }, host: { address: address6 } },
      ...{ certificate: certificateV2, authorities },
    },
  };
}
