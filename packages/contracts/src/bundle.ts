/**
 * What a host is told to be: everything its nebula needs but its own private key. The control plane
 * signs it (JWS, EdDSA) with a key that is not the CA's; a host applies nothing that is unsigned or
 * older than what it has.
 */
import {
  DnsLabel,
  Id,
  Ipv4,
  Ipv4Cidr,
  Ipv6,
  Ipv6Cidr,
  Port,
  type Static,
  Timestamp,
  Type,
} from './schema.ts';

/** Exactly one selector: nebula's firewall takes two of one rule for either. */
const Peer = Type.Union([
  Type.Object({ any: Type.Literal(true) }),
  Type.Object({ group: DnsLabel }),
  Type.Object({ host: DnsLabel }),
]);
export type Peer = Static<typeof Peer>;

const traffic = {
  port: Type.String({
    description:
      '`any`, a port of the host that is called, a range such as 8000-8010, or `fragment`: later parts of a split packet',
  }),
  protocol: Type.Enum(['any', 'tcp', 'udp', 'icmp']),
};

/** One allow rule of nebula's firewall. */
const InboundRule = Type.Object({ ...traffic, from: Peer });
const OutboundRule = Type.Object({ ...traffic, to: Peer });

const Landmark = {
  address: Ipv4,
  address6: Type.Optional(Ipv6),
};

export const Bundle = Type.Object({
  version: Type.Integer({ minimum: 1, description: 'grows with every change for this host' }),
  issuedAt: Timestamp,
  network: Type.Object({ id: Id, name: DnsLabel, cidr: Ipv4Cidr }),
  host: Type.Object({
    id: Id,
    name: DnsLabel,
    address: Ipv4Cidr,
    lighthouse: Type.Boolean(),
    relay: Type.Boolean({ default: false }),
    interface: Type.Boolean({
      default: true,
      description: 'false: nebula runs without a network interface, and without root',
    }),
    port: Type.Union([Port, Type.Null()], { description: 'null: any free one' }),
  }),
  certificate: Type.String({ description: 'PEM, of version 1' }),
  authorities: Type.String({ description: 'one PEM or several, one after the other' }),
  version2: Type.Optional(
    Type.Object(
      {
        network: Type.Object({ cidr: Ipv6Cidr }),
        host: Type.Object({ address: Ipv6Cidr }),
        certificate: Type.String({ description: 'PEM, for the same key' }),
        authorities: Type.String({ description: 'one PEM or several' }),
      },
      { description: 'what there is beside it for nebula 1.10 and later, which has IPv6, too' },
    ),
  ),
  blocklist: Type.Array(Type.String()),
  lighthouses: Type.Array(
    Type.Object({
      ...Landmark,
      endpoints: Type.Array(Type.String(), { minItems: 1 }),
    }),
  ),
  relays: Type.Array(Type.Object({ ...Landmark, endpoints: Type.Array(Type.String()) }), {
    default: [],
    description: 'through which this host can be reached; endpoints are those that are fixed',
  }),
  inbound: Type.Array(InboundRule),
  outbound: Type.Optional(
    Type.Array(OutboundRule, {
      description: 'absent: it may call everyone, and whoever is called decides',
    }),
  ),
  names: Type.Optional(
    Type.String({
      contentEncoding: 'base64',
      description: 'what is answered by DNS, as `packages/dns` packs it; absent: nothing',
    }),
  ),
});
export type Bundle = Static<typeof Bundle>;
