/** From what the server says to what nebula is told. Pure. */
import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { Bundle, Peer } from '@cep/contracts/bundle';
import { EVERYTHING, type FirewallRule } from '@cep/nebula/firewall';
import type { HostSettings } from '@cep/nebula/host-settings';
import { readsVersion2 } from '@cep/nebula/versions';

/** What follows `nebula-` in the 15 characters that Linux takes. */
const DEVICE_LETTERS = 8;

const HTTPS_PORT = 443;

/**
 * The interface of a network: `nebula-home`, the same on every machine. A name too long for Linux
 * ends in a digest, so that two networks do not meet in one.
 */
export function deviceOf(network: string): string {
  if (network.length <= DEVICE_LETTERS) return `nebula-${network}`;
  const digest = createHash('sha256').update(network).digest('hex').slice(0, 5);
  return `nebula-${network.slice(0, DEVICE_LETTERS - digest.length)}${digest}`;
}

interface Server {
  readonly url: string;
}

/**
 * @param nebulaVersion  of this machine: one that reads version 2 is given it, and so has IPv6
 * @param server  the control plane, if it is listened to
 */
export function nebulaSettings(
  bundle: Bundle,
  nebulaVersion: string,
  server?: Server,
): HostSettings {
  const { host, lighthouses, relays } = bundle;
  const second = readsVersion2(nebulaVersion) ? bundle.version2 : undefined;
  const addressesOf = ({ address, address6 }: Landmark) =>
    second && address6 ? [address6, address] : [address];
  // By its IPv6 address nebula meets a lighthouse with version 2, and can ask it for either family.
  const guideOf = (landmark: Landmark) => addressesOf(landmark).slice(0, 1);
  return {
    authorities: [bundle.authorities, ...(second ? [second.authorities] : [])],
    certificate: bundle.certificate,
    certificateV2: second?.certificate,
    blocklist: bundle.blocklist,
    amLighthouse: host.lighthouse,
    amRelay: host.relay,
    lighthouses: host.lighthouse ? [] : lighthouses.flatMap(guideOf),
    relays: host.relay ? [] : relays.flatMap(addressesOf),
    staticHosts: Object.fromEntries(
      [...lighthouses, ...relays]
        .filter(({ endpoints }) => endpoints.length > 0)
        .flatMap((each) => addressesOf(each).map((address) => [address, each.endpoints])),
    ),
    listen: { host: '0.0.0.0', port: host.port ?? 0 },
    device: deviceOf(bundle.network.name),
    withoutInterface: !host.interface,
    inbound: bundle.inbound.map(({ from, ...traffic }) => ruleFor(traffic, from)),
    outbound: outboundOf(bundle, server),
  };
}

type Landmark = Bundle['relays'][number];

/**
 * The control plane may itself be on the network. Whether this host is let in is decided there: were it
 * decided here, too, a policy that forgot it could never be put right, for nobody here would hear of it.
 */
const outboundOf = ({ outbound }: Bundle, server?: Server): readonly FirewallRule[] =>
  outbound
    ? [
        ...outbound.map(({ to, ...traffic }) => ruleFor(traffic, to)),
        ...(server ? [ruleForServer(server)] : []),
      ]
    : EVERYTHING;

function ruleForServer({ url }: Server): FirewallRule {
  const { hostname, port } = new URL(url);
  const peer = isIPv4(hostname) ? { cidr: `${hostname}/32` } : 'any';
  return { proto: 'tcp', port: Number(port || HTTPS_PORT), peer };
}

/** The server's words for ports are checked by the renderer, which refuses what nebula would not take. */
const ruleFor = ({ port, protocol }: Traffic, peer: Peer): FirewallRule => ({
  proto: protocol,
  port: port as FirewallRule['port'],
  peer: 'any' in peer ? 'any' : peer,
});

type Traffic = Pick<Bundle['inbound'][number], 'port' | 'protocol'>;
