/** How a network gets another certificate authority while its hosts stay connected. */
import { endpoint } from './endpoint.ts';
import { event } from './event.ts';
import { closed, DnsLabel, Id, oneOf, type Static, Timestamp, Type } from './schema.ts';

const Fingerprint = Type.String({ description: 'SHA-256 of a CA certificate, hexadecimal' });

export const Rotation = Type.Object({
  /** `trust`: hosts learn to trust the next authority; `sign`: they get certificates from it. */
  stage: oneOf('trust', 'sign'),
  from: Fingerprint,
  to: Fingerprint,
  hosts: Type.Integer({ minimum: 0, description: 'how many take part' }),
  waitingFor: Type.Array(
    Type.Object({
      host: DnsLabel,
      connected: Type.Boolean(),
      live: Type.Boolean({ description: 'false: it will never confirm, and must be left behind' }),
      lastSeenAt: Type.Union([Timestamp, Type.Null()]),
    }),
    { description: 'those that have not confirmed this stage' },
  ),
  leftBehind: Type.Array(DnsLabel, { description: 'those that are not waited for' }),
  startedAt: Timestamp,
});
export type Rotation = Static<typeof Rotation>;

const RotationState = Type.Object({
  authority: Type.Object({ fingerprint: Fingerprint, expiresAt: Timestamp }),
  rotation: Type.Union([Rotation, Type.Null()], { description: 'null: none is under way' }),
});
export type RotationState = Static<typeof RotationState>;

const params = closed({ network: DnsLabel });

/**
 * It goes on by itself, as hosts confirm, whatever is restarted meanwhile. Asked again it goes on
 * with the one that is under way.
 */
export const rotateAuthority = endpoint({
  method: 'post',
  path: '/v1/networks/:network/rotation',
  summary: 'Replace the certificate authority of a network, without a host losing its connections',
  status: 202,
  params,
  body: closed({
    leaveBehind: Type.Array(DnsLabel, {
      default: [],
      description:
        'hosts not to wait for: they lose their connections until they have reached the server',
    }),
    emergency: Type.Boolean({
      default: false,
      description: 'trust the old one no longer, at once: nobody is waited for',
    }),
  }),
  reply: RotationState,
});

export const getRotation = endpoint({
  method: 'get',
  path: '/v1/networks/:network/rotation',
  summary: 'Show how far the replacement of a certificate authority is',
  status: 200,
  params,
  reply: RotationState,
});

export const AuthorityRotated = event(
  'network.authority.rotated',
  Type.Object({ networkId: Id, from: Fingerprint, to: Fingerprint, emergency: Type.Boolean() }),
);

/** Stated once for an authority that ends within a year: certificates cannot outlast it. */
export const AuthorityExpiring = event(
  'network.authority.expiring',
  Type.Object({ networkId: Id, fingerprint: Fingerprint, expiresAt: Timestamp }),
);
