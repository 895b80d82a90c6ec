/**
 * How an enrolled host and the control plane keep in touch. The host proves itself by a short-lived
 * token that it signs with its own signing key; nothing that it could leak is stored anywhere.
 */
import { endpoint } from './endpoint.ts';
import { HostCaller } from './host-caller.ts';
import { TunnelKey } from './hosts.ts';
import { closed, DnsLabel, type Static, Type } from './schema.ts';

const params = closed({ network: DnsLabel, host: DnsLabel });

/**
 * The token: header `{ alg: 'EdDSA', kid: HOST-ID }`, claims `iss` `host`, `sub` the host's id, `aud`
 * `cep`, `iat`, and `exp` at most this many seconds later. A new one for each request.
 */
export const HOST_TOKEN_SECONDS = 60;

/** Compact JWS (RFC 7515) over a bundle, as the host got its first one. */
export const SignedBundle = Type.Object({ bundle: Type.String() });

/**
 * The newest at once, if it is newer, then each new one; of several that come quickly the last may
 * be the only one. A bundle that renews the certificate may come here before the reply to the
 * renewal. Ends with `host-revoked` when the host is revoked or deleted, and with
 * `connected-elsewhere` when another agent has connected as this host: do not connect again at once.
 */
export const followBundles = endpoint({
  method: 'get',
  path: '/v1/networks/:network/hosts/:host/bundles',
  summary: 'Receive the bundles of this host that are newer than the one it has',
  status: 200,
  access: 'host',
  params,
  query: closed({ have: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, default: 0 }) }),
  events: SignedBundle,
});

export const AgentReport = closed({
  bundleVersion: Type.Integer({
    minimum: 0,
    maximum: 2 ** 31 - 1,
    description: 'that nebula runs with',
  }),
  fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'of the certificate in use' }),
  nebulaVersion: Type.String({ maxLength: 32 }),
  agentVersion: Type.String({ maxLength: 32 }),
  problem: Type.Optional(
    Type.String({ maxLength: 500, description: 'why a newer bundle is not in use' }),
  ),
});
export type AgentReport = Static<typeof AgentReport>;

export const reportAgent = endpoint({
  method: 'put',
  path: '/v1/networks/:network/hosts/:host/report',
  summary: 'Say what this host runs',
  status: 204,
  access: 'host',
  params,
  body: AgentReport,
});

/**
 * The certificate before stays valid until its end. Asking again with the same key, as after a lost
 * reply, gives the same certificate. A machine that is told of a certificate for a key that it lost
 * renews once more.
 */
export const renewCertificate = endpoint({
  method: 'post',
  path: '/v1/networks/:network/hosts/:host/certificates',
  summary: 'Exchange a new public key for a new certificate, in a bundle',
  status: 201,
  access: 'host',
  params,
  body: closed({
    tunnelKey: TunnelKey,
  }),
  reply: SignedBundle,
});

/**
 * What the gateway asks before it speaks for a host. Fails with `wrong-clock`, whose member `serverTime`
 * says what time it is; with `host-revoked`; with `not-signed-in` for everything else that is wrong.
 */
export const authenticateHost = endpoint({
  method: 'post',
  path: '/v1/host-authentications',
  summary: 'Tell the gateway which host signed a token',
  status: 200,
  access: 'gateway',
  body: closed({ token: Type.String({ minLength: 1, maxLength: 2048 }) }),
  reply: HostCaller,
});
