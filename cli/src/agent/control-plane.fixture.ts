/** Just enough of a control plane for hosts: a real authority, real signed bundles, real tokens. */
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import {
  type AgentReport,
  followBundles,
  renewCertificate,
  reportAgent,
} from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import { createEnrolment, enrolHost } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { serve, serveEvents } from '@cep/http/serve';
import {
  certificatePem,
  fingerprint,
  parseCertificate,
  parseCertificates,
} from '@cep/nebula/certificates';
import type { Curve } from '@cep/nebula/details';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys, isHostPublicKey } from '@cep/nebula/keys';
import { readsVersion2 } from '@cep/nebula/versions';
import type { RequestHandler, Router } from 'express';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';

export const CODE = '7K2M-Q9XD-0V3H';

interface Plan {
  readonly network: string;
  /** e.g. `10.42.0` for 10.42.0.0/24, in which the first host is a lighthouse. */
  readonly prefix: string;
  /** e.g. `fd00:42::` for fd00:42::/64: with certificates of version 2. */
  readonly prefix6?: string;
  readonly curve?: Curve;
  readonly port: number;
  /** Where the lighthouse is for the others. */
  readonly endpoint?: string;
  readonly lifetimeSeconds?: number;
  /** Packed. */
  readonly names?: string;
}

interface Enrolled {
  readonly signingKey: string;
  readonly nebulaVersion: string;
  bundle: Bundle;
}

interface Keys {
  readonly tunnelKey: string;
  readonly nebulaVersion: string;
}

/** {@link CODE} is good for any host. */
export function controlPlane(plan: Plan) {
  const { network, prefix, prefix6, port, endpoint, lifetimeSeconds = 86_400 } = plan;
  const { curve = 'curve25519' } = plan;
  const cidr = `${prefix}.0/24`;
  const began = Math.floor(Date.now() / 1000) - 60;
  const validity = { notBefore: began, notAfter: began + 200_000 };
  const caKeys = generateCaKeys(curve);
  const authority = issueCa({ version: 1, name: network, networks: [cidr], ...validity }, caKeys);
  const both = [cidr, `${prefix6}/64`];
  const second =
    prefix6 && issueCa({ version: 2, name: network, networks: both, ...validity }, caKeys);
  const signer = generateKeyPairSync('ed25519');
  const networkId = randomUUID();
  const hosts = new Map<string, Enrolled>();
  const reports = new Map<string, AgentReport>();
  const changes = new EventEmitter().setMaxListeners(0);

  /** What of a bundle is about the certificates. */
  const certify = (
    host: Pick<Bundle['host'], 'name' | 'address'>,
    keys: Keys,
    groups: string[] = [],
    now = Math.floor(Date.now() / 1000),
  ) => {
    const { name, address } = host;
    const validity = { notBefore: now - 1, notAfter: now + lifetimeSeconds };
    const publicKey = Buffer.from(keys.tunnelKey, 'base64url');
    const request = { name, networks: [address], groups, publicKey, ...validity };
    const certificate = certificatePem(issueHost(authority, request));
    if (!second || !readsVersion2(keys.nebulaVersion)) return { certificate };
    const address6 = `${sixOf(address)}/64`;
    const networks = [address, address6];
    const version2 = {
      ...{ network: { cidr: `${prefix6}/64` }, host: { address: address6 } },
      certificate: certificatePem(issueHost(second, { ...request, networks })),
      authorities: certificatePem(second.certificate),
    };
    return { certificate, version2 };
  };

  /** `10.42.0.7/24` has `fd00:42::7`. */
  const sixOf = (address: string) => prefix6 + address.replace(/.*\.|\/.*/g, '');
  /** By host: what is to be sent once more. */
  const replays = new Map<string, Bundle>();

  const sign = (bundle: Bundle): Promise<string> =>
    new CompactSign(Buffer.from(JSON.stringify(bundle)))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'cep-bundle' })
      .sign(signer.privateKey);

  function firstBundle(name: string, keys: Keys): Bundle {
    const lighthouse = hosts.size === 0;
    const address = `${prefix}.${hosts.size + 1}/24`;
    const guide = { address: `${prefix}.1`, ...(prefix6 && { address6: `${prefix6}1` }) };
    const lighthouses = [{ ...guide, endpoints: [endpoint ?? ''] }];
    return {
      version: 1,
      issuedAt: new Date().toISOString(),
      network: { id: networkId, name: network, cidr },
      host: {
        ...{ id: randomUUID(), name, address, lighthouse, port: lighthouse ? port : null },
        ...{ relay: false, interface: true },
      },
      ...certify({ name, address }, keys),
      authorities: certificatePem(authority.certificate),
      blocklist: [],
      lighthouses: lighthouse ? [] : lighthouses,
      relays: [],
      inbound: [{ port: 'any', protocol: 'any', from: { any: true } }],
      ...(plan.names !== undefined && { names: plan.names }),
    };
  }

  const find = (name: string): Enrolled => {
    const host = hosts.get(name);
    if (!host) throw new Problem('not-signed-in', `${name} is not enrolled.`);
    return host;
  };

  /** Gives a host its next bundle. */
  function change(name: string, changed: Partial<Bundle>): void {
    const host = find(name);
    host.bundle = { ...host.bundle, ...changed, version: host.bundle.version + 1 };
    changes.emit('change');
  }

  /** For the key that it has. */
  function certifyAnew(name: string, groups: string[], begin?: number): void {
    const { bundle, nebulaVersion } = find(name);
    const key = Buffer.from(parseCertificate(bundle.certificate).publicKey).toString('base64url');
    change(name, certify(bundle.host, { tunnelKey: key, nebulaVersion }, groups, begin));
  }

  const asHost: RequestHandler = async (req, res, next) => {
    const token = req.get('authorization')?.slice('Bearer '.length) ?? '';
    const known = [...hosts].find(([, { bundle }]) => bundle.host.id === kidOf(token));
    if (known) {
      const [host, { signingKey, bundle }] = known;
      const key = createPublicKey({
        key: { kty: 'OKP', crv: 'Ed25519', x: signingKey },
        format: 'jwk',
      });
      await compactVerify(token, key);
      const hostId = bundle.host.id;
      res.locals.caller = { kind: 'host', hostId, networkId, network, host };
    }
    next();
  };

  async function* bundlesOf(name: string, have: number, signal: AbortSignal) {
    const changed = on(changes, 'change', { signal });
    for (let sent = have; !signal.aborted; await changed.next().catch(() => {})) {
      const { bundle } = find(name);
      const replayed = replays.get(name);
      if (replays.delete(name) && replayed) yield { bundle: await sign(replayed) };
      if (bundle.version > sent) yield { bundle: await sign(bundle) };
      sent = Math.max(sent, bundle.version);
    }
  }

  function mount(router: Router): void {
    router.use(asHost);
    serve(router, createEnrolment, async () => ({
      code: CODE,
      expiresAt: new Date().toISOString(),
    }));
    serve(router, enrolHost, async ({ params, body }) => {
      if (body.code !== CODE) throw new Problem('enrolment-refused', 'The code is not good.');
      const { tunnelKey, signingKey = '', nebulaVersion = '' } = body;
      if (!isHostPublicKey(curve, Buffer.from(tunnelKey, 'base64url')))
        throw new Problem('wrong-curve', 'The key is of another curve.', { members: { curve } });
      const known = hosts.get(params.host);
      const isRepeat = known?.signingKey === signingKey && signingKey !== '';
      const bundle = isRepeat
        ? known.bundle
        : firstBundle(params.host, { tunnelKey, nebulaVersion });
      hosts.set(params.host, { bundle, signingKey, nebulaVersion });
      const bundleKey = signer.publicKey.export({ format: 'jwk' }).x ?? '';
      return { bundle: await sign(bundle), bundleKey };
    });
    serveEvents(router, followBundles, async ({ params, query }, _caller, signal) =>
      bundlesOf(params.host, query.have, signal),
    );
    serve(router, reportAgent, async ({ params, body }) => {
      reports.set(params.host, body);
    });
    serve(router, renewCertificate, async ({ params, body }) => {
      const { bundle, nebulaVersion } = find(params.host);
      change(params.host, certify(bundle.host, { ...body, nebulaVersion }));
      return { bundle: await sign(find(params.host).bundle) };
    });
  }

  return {
    mount,
    change,
    /** Gives a host a certificate with other groups, for the key that it has. @returns the one before */
    regroup(name: string, groups: string[]): string {
      const { certificate } = find(name).bundle;
      certifyAnew(name, groups);
      return fingerprint(parseCertificate(certificate));
    },
    /** Gives a host a certificate that is good from then on; seconds since 1970. */
    certifyFrom: (name: string, begin: number) => certifyAnew(name, [], begin),
    /** Sends a bundle once more that was sent before, as whoever kept it could. */
    replay(name: string, bundle: Bundle): void {
      replays.set(name, bundle);
      changes.emit('change');
    },
    bundleOf: (name: string): Bundle => find(name).bundle,
    reportOf: (name: string): AgentReport | undefined => reports.get(name),
    remove: (name: string): boolean => hosts.delete(name),
    revoke(name: string): void {
      const { certificate, version2 } = find(name).bundle;
      const revoked = parseCertificates(`${certificate}\n${version2?.certificate ?? ''}`);
      for (const [other, { bundle }] of hosts) {
        if (other === name) continue;
        change(other, { blocklist: [...bundle.blocklist, ...revoked.map(fingerprint)] });
      }
    },
  };
}

function kidOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid;
  } catch {
    return undefined;
  }
}
