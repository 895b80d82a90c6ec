import { endpoint } from './endpoint.ts';
import { event } from './event.ts';
import {
  closed,
  DnsLabel,
  Id,
  Ipv4,
  Ipv6,
  oneOf,
  Port,
  type Static,
  Timestamp,
  Type,
} from './schema.ts';

/** What a host's agent last said of itself, and whether it is there. */
const HostAgent = Type.Object({
  connected: Type.Boolean(),
  lastSeenAt: Type.Union([Timestamp, Type.Null()]),
  bundleVersion: Type.Union([Type.Integer(), Type.Null()], { description: 'that it runs with' }),
  nebulaVersion: Type.Union([Type.String(), Type.Null()]),
  agentVersion: Type.Union([Type.String(), Type.Null()]),
  problem: Type.Union([Type.String(), Type.Null()]),
});
export type HostAgent = Static<typeof HostAgent>;

export const Host = Type.Object({
  id: Id,
  name: DnsLabel,
  network: DnsLabel,
  address: Ipv4,
  address6: Type.Union([Ipv6, Type.Null()], {
    description: 'on networks that have IPv6; in use where nebula is 1.10 or later',
  }),
  lighthouse: Type.Boolean(),
  publicAddress: Type.Union([Type.String(), Type.Null()]),
  port: Type.Union([Port, Type.Null()], { description: 'UDP; null: any free one' }),
  relay: Type.Boolean(),
  interface: Type.Boolean({ description: 'false: a lighthouse or relay that is nothing else' }),
  groups: Type.Array(DnsLabel),
  state: oneOf('reserved', 'enrolled', 'revoked'),
  live: Type.Boolean({ description: 'false: it runs from an archive, and hears of no change' }),
  bundleVersion: Type.Integer({ minimum: 0, description: 'the newest there is for it' }),
  agent: HostAgent,
  warnings: Type.Array(Type.String({ description: 'a sentence for people' })),
  certificate: Type.Union([
    Type.Object({
      fingerprint: Type.String({ description: 'of version 1' }),
      expiresAt: Timestamp,
      versions: Type.Array(Type.Integer(), { description: '[1], or [1, 2] with IPv6' }),
    }),
    Type.Null(),
  ]),
  createdAt: Timestamp,
});
export type Host = Static<typeof Host>;

/** A one-time code that lets a machine become a host. It is shown here and never again. */
export const Enrolment = Type.Object({ code: Type.String(), expiresAt: Timestamp });
export type Enrolment = Static<typeof Enrolment>;

const ofNetwork = closed({ network: DnsLabel });
const params = closed({ network: DnsLabel, host: DnsLabel });

export const createHost = endpoint({
  method: 'post',
  path: '/v1/networks/:network/hosts',
  summary: 'Reserve a name and an address for a host, and give the code that enrols it',
  status: 201,
  params: ofNetwork,
  body: closed({
    name: DnsLabel,
    lighthouse: Type.Boolean({ default: false }),
    publicAddress: Type.Optional(
      Type.String({ maxLength: 45, description: 'an IP address at which other hosts reach it' }),
    ),
    port: Type.Optional(Port),
    relay: Type.Optional(Type.Boolean()),
    interface: Type.Optional(Type.Boolean()),
    address: Type.Optional(
      Type.Union([Ipv4, Ipv6], { description: 'of either family; the other follows from it' }),
    ),
    groups: Type.Array(DnsLabel, { maxItems: 32, uniqueItems: true, default: [] }),
  }),
  reply: Type.Object({ host: Host, enrolment: Enrolment }),
});

export const listHosts = endpoint({
  method: 'get',
  path: '/v1/networks/:network/hosts',
  summary: 'List the hosts of a network',
  status: 200,
  params: ofNetwork,
  reply: Type.Object({ hosts: Type.Array(Host) }),
});

export const getHost = endpoint({
  method: 'get',
  path: '/v1/networks/:network/hosts/:host',
  summary: 'Show one host',
  status: 200,
  params,
  reply: Host,
});

export const deleteHost = endpoint({
  method: 'delete',
  path: '/v1/networks/:network/hosts/:host',
  summary: 'Delete a host',
  status: 204,
  params,
});

/** What is absent stays as it is; null is none. */
export const editHost = endpoint({
  method: 'patch',
  path: '/v1/networks/:network/hosts/:host',
  summary: 'Change the groups of a host, or how others reach it',
  status: 200,
  params,
  body: closed({
    groups: Type.Optional(Type.Array(DnsLabel, { maxItems: 32, uniqueItems: true })),
    lighthouse: Type.Optional(Type.Boolean()),
    relay: Type.Optional(Type.Boolean()),
    interface: Type.Optional(Type.Boolean()),
    publicAddress: Type.Optional(Type.Union([Type.String({ maxLength: 45 }), Type.Null()])),
    port: Type.Optional(Type.Union([Port, Type.Null()])),
  }),
  reply: Host,
});

export const revokeHost = endpoint({
  method: 'post',
  path: '/v1/networks/:network/hosts/:host/revoke',
  summary: 'Shut a host out for good; its name and address stay taken until it is deleted',
  status: 200,
  params,
  reply: Host,
});

export const createEnrolment = endpoint({
  method: 'post',
  path: '/v1/networks/:network/hosts/:host/enrolments',
  summary: 'Give a new one-time code for a host; it replaces the one before',
  status: 201,
  params,
  reply: Enrolment,
});

/** The public key of a host for its tunnels, raw, base64url without padding: its length tells its curve. */
export const TunnelKey = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}([A-Za-z0-9_-]{44})?$',
  description: 'X25519: 32 bytes, P-256: 65 bytes; base64url',
});

/** 32 raw bytes as base64url without padding. */
const RawKey = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: '32 bytes, base64url' });

/**
 * Fails with `wrong-curve`, whose member `curve` names the network's, for a key of another; and with
 * `unfit-for-nebula` where the machine's nebula could not take part. The code is still good then.
 */
export const enrolHost = endpoint({
  method: 'post',
  path: '/v1/networks/:network/hosts/:host/enrol',
  summary: 'Exchange a one-time code and public keys for a signed bundle',
  status: 201,
  access: 'anyone',
  params,
  body: closed({
    code: Type.String({ minLength: 1, maxLength: 128 }),
    tunnelKey: TunnelKey,
    signingKey: Type.Optional({
      ...RawKey,
      description: '32 bytes, base64url; without it the host is not live: nobody speaks for it',
    }),
    revokeEarlier: Type.Optional(
      Type.Boolean({
        description: 'of a host that is not live: end the certificates of earlier archives, too',
      }),
    ),
    nebulaVersion: Type.Optional(Type.String({ maxLength: 32, description: 'e.g. 1.6.1' })),
  }),
  reply: Type.Object({
    bundle: Type.String({ description: 'compact JWS (RFC 7515) over a bundle' }),
    bundleKey: Type.String({ description: 'Ed25519 public key that signs bundles, base64url' }),
  }),
});

export const HostEnrolled = event(
  'network.host.enrolled',
  Type.Object({ hostId: Id, networkId: Id, name: DnsLabel, address: Ipv4 }),
);

export const HostDeleted = event(
  'network.host.deleted',
  Type.Object({ hostId: Id, networkId: Id }),
);

export const HostRevoked = event(
  'network.host.revoked',
  Type.Object({ hostId: Id, networkId: Id }),
);

/** Of its groups, or of how others reach it. */
export const HostUpdated = event(
  'network.host.updated',
  Type.Object({ hostId: Id, networkId: Id, groups: Type.Array(DnsLabel) }),
);

/** Stated once for a certificate of which a quarter is left, and which should have been renewed. */
export const HostExpiring = event(
  'network.host.expiring',
  Type.Object({ hostId: Id, networkId: Id, name: DnsLabel, expiresAt: Timestamp }),
);
