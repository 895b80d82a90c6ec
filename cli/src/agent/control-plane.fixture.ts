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
import { certificatePem, fingerprint, parseCertificate } from '@cep/nebula/certificates';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { generateCaKeys } from '@cep/nebula/keys';
import type { RequestHandler, Router } from 'express';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';

export const CODE = '7K2M-Q9XD-0V3H';

interface Plan {
  readonly network: string;
  /** e.g. `10.42.0` for 10.42.0.0/24, in which the first host is a lighthouse. */
  readonly prefix: string;
  readonly port: number;
  /** Where the lighthouse is for the others. */
  readonly endpoint?: string;
  readonly lifetimeSeconds?: number;
  /** Packed. */
  readonly names?: string;
}

interface Enrolled {
  readonly signingKey: string;
  bundle: Bundle;
}

/** {@link CODE} is good for any host. */
export function controlPlane(plan: Plan) {
  const { network, prefix, port, endpoint, lifetimeSeconds = 86_400 } = plan;
  const cidr = `${prefix}.0/24`;
  const began = Math.floor(Date.now() / 1000) - 60;
  const validity = { notBefore: began, notAfter: began + 200_000 };
  const authority = issueCa(
    { version: 1, name: network, networks: [cidr], ...validity },
    generateCaKeys(),
  );
  const signer = generateKeyPairSync('ed25519');
  const networkId = randomUUID();
  const hosts = new Map<string, Enrolled>();
  const reports = new Map<string, AgentReport>();
  const changes = new EventEmitter().setMaxListeners(0);

  const certify = (name: string, address: string, tunnelKey: string, groups: string[] = []) => {
    const now = Math.floor(Date.now() / 1000);
    const validity = { notBefore: now - 1, notAfter: now + lifetimeSeconds };
    const publicKey = Buffer.from(tunnelKey, 'base64url');
    const request = { name, networks: [address], groups, publicKey, ...validity };
    return certificatePem(issueHost(authority, request));
  };

  /** By host: what is to be sent once more. */
  const replays = new Map<string, Bundle>();

  const sign = (bundle: Bundle): Promise<string> =>
    new CompactSign(Buffer.from(JSON.stringify(bundle)))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'cep-bundle' })
      .sign(signer.privateKey);

  function firstBundle(name: string, tunnelKey: string): Bundle {
    const lighthouse = hosts.size === 0;
    const address = `${prefix}.${hosts.size + 1}/24`;
    const lighthouses = [{ address: `${prefix}.1`, endpoints: [endpoint ?? ''] }];
    return {
      version: 1,
      issuedAt: new Date().toISOString(),
      network: { id: networkId, name: network, cidr },
      host: {
        ...{ id: randomUUID(), name, address, lighthouse, port: lighthouse ? port : null },
        ...{ relay: false, interface: true },
      },
      certificate: certify(name, address, tunnelKey),
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
      const { tunnelKey, signingKey = '' } = body;
      const known = hosts.get(params.host);
      const isRepeat = known?.signingKey === signingKey && signingKey !== '';
      const bundle = isRepeat ? known.bundle : firstBundle(params.host, tunnelKey);
      hosts.set(params.host, { bundle, signingKey });
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
      const { bundle } = find(params.host);
      const certificate = certify(params.host, bundle.host.address, body.tunnelKey);
      change(params.host, { certificate });
      return { bundle: await sign(find(params.host).bundle) };
    });
  }

  return {
    mount,
    change,
    /** Gives a host a certificate with other groups, for the key that it has. @returns the one before */
    regroup(name: string, groups: string[]): string {
      const { certificate, host } = find(name).bundle;
      const { publicKey } = parseCertificate(certificate);
      const key = Buffer.from(publicKey).toString('base64url');
      change(name, { certificate: certify(name, host.address, key, groups) });
      return fingerprint(parseCertificate(certificate));
    },
    /** Sends a bundle once more that was sent before, as whoever kept it could. */
    replay(name: string, bundle: Bundle): void {
      replays.set(name, bundle);
      changes.emit('change');
    },
    bundleOf: (name: string): Bundle => find(name).bundle,
    reportOf: (name: string): AgentReport | undefined => reports.get(name),
    remove: (name: string): boolean => hosts.delete(name),
    revoke(name: string): void {
      const revoked = fingerprint(parseCertificate(find(name).bundle.certificate));
      for (const [other, { bundle }] of hosts) {
        if (other !== name) change(other, { blocklist: [...bundle.blocklist, revoked] });
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
