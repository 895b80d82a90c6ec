import { endpoint } from './endpoint.ts';
import { event } from './event.ts';
import {
  closed,
  DnsLabel,
  Id,
  Ipv4,
  Ipv4Cidr,
  Ipv6,
  Ipv6Cidr,
  oneOf,
  type Static,
  Timestamp,
  Type,
} from './schema.ts';

const CertificateVersion = Type.Union([Type.Literal(1), Type.Literal(2)], {
  description: '2: with IPv6, for hosts with nebula 1.10 or later; the others have IPv4 alone',
});
const Curve = oneOf('curve25519', 'p256');

export const Network = Type.Object({
  id: Id,
  name: DnsLabel,
  cidr: Ipv4Cidr,
  cidr6: Type.Union([Ipv6Cidr, Type.Null()]),
  certificateVersion: CertificateVersion,
  curve: Curve,
  hosts: Type.Integer({ minimum: 0, description: 'how many hosts it has, enrolled or not' }),
  authority: Type.Object({
    fingerprint: Type.String({ description: 'SHA-256 of the CA certificate, hexadecimal' }),
    expiresAt: Timestamp,
  }),
  createdAt: Timestamp,
});
export type Network = Static<typeof Network>;

const params = closed({ network: DnsLabel });

export const createNetwork = endpoint({
  method: 'post',
  path: '/v1/networks',
  summary: 'Create a network with its own certificate authority',
  status: 201,
  body: closed({
    name: DnsLabel,
    cidr: Type.Optional(Ipv4Cidr),
    cidr6: Type.Optional(Ipv6Cidr),
    certificateVersion: Type.Optional(CertificateVersion),
    curve: Type.Optional(Curve),
  }),
  reply: Network,
});

export const listNetworks = endpoint({
  method: 'get',
  path: '/v1/networks',
  summary: 'List the networks of the project',
  status: 200,
  reply: Type.Object({ networks: Type.Array(Network) }),
});

export const getNetwork = endpoint({
  method: 'get',
  path: '/v1/networks/:network',
  summary: 'Show one network',
  status: 200,
  params,
  reply: Network,
});

export const deleteNetwork = endpoint({
  method: 'delete',
  path: '/v1/networks/:network',
  summary: 'Delete a network; one that has hosts only with force',
  status: 204,
  params,
  query: closed({ force: Type.Boolean({ default: false }) }),
});

export const Lighthouse = Type.Object({
  name: DnsLabel,
  address: Ipv4,
  address6: Type.Union([Ipv6, Type.Null()]),
  endpoint: Type.String({ description: 'where it is reached, e.g. 203.0.113.7:4242' }),
});

export const listLighthouses = endpoint({
  method: 'get',
  path: '/v1/networks/:network/lighthouses',
  summary: 'List the lighthouses of a network and where they are reached',
  status: 200,
  params,
  reply: Type.Object({ lighthouses: Type.Array(Lighthouse) }),
});

export const NetworkCreated = event(
  'network.network.created',
  Type.Object({ networkId: Id, projectId: Id, name: DnsLabel, cidr: Ipv4Cidr }),
);

export const NetworkDeleted = event('network.network.deleted', Type.Object({ networkId: Id }));
