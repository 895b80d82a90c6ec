/** Looks whether an engine can be used, before anything relies on it. */
import { request } from 'node:https';
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { type Description, isAtLeast } from '../engine/about.ts';
import type { Access } from '../engine/connection.ts';
import { createEngine } from '../engine/engine.ts';
import { messageOf, statusOf } from '../engine/failures.ts';
import { inTime } from './in-time.ts';

/** What cep asks of Docker, from 23.0 on. */
const NEEDED = '1.42';

const PATIENCE_MS = 10_000;

/**
 * Meets an engine as cep would use it, and once as a stranger, who must be turned away.
 *
 * @throws {Problem} `engine-unusable`, whose member `why` is one of `unreachable`, `untrusted`,
 *   `expired`, `refused`, `not-tls`, `not-docker`, `open`, `too-old`
 */
export async function meetEngine(access: Required<Access>, instance: string): Promise<Description> {
  const engine = createEngine(access, instance);
  try {
    const met = await inTime(engine.describe(), PATIENCE_MS, silent);
    if (!met.id || !met.apiVersion) throw unusable('not-docker', 'What answers is no Docker.');
    assertNew(met);
    await assertClosed(access);
    return met;
  } catch (error) {
    throw error instanceof Problem ? error : explain(error);
  } finally {
    engine.hangUp();
  }
}

function assertNew({ version, apiVersion }: Description): void {
  if (isAtLeast(apiVersion, NEEDED)) return;
  throw unusable(
    'too-old',
    `It is Docker ${version}, whose interface is ${apiVersion}; cep needs ${NEEDED}, which Docker 23 has. Update Docker there.`,
  );
}

/** @throws {Problem} when it also serves who shows no certificate */
async function assertClosed({ url, credentials }: Required<Access>): Promise<void> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const answered = new Promise<boolean>((resolve) => {
    const name = isIP(host) ? {} : { servername: host };
    const options = { host, port, path: '/_ping', ca: credentials.ca, agent: false, ...name };
    request({ ...options, timeout: PATIENCE_MS }, (response) => {
      response.destroy();
      resolve(true);
    })
      .once('timeout', () => resolve(false))
      .once('error', () => resolve(false))
      .end();
  });
  if (!(await answered)) return;
  throw unusable(
    'open',
    'It also serves who shows no certificate: everybody who reaches it owns its machine. Start dockerd with --tlsverify and --tlscacert.',
  );
}

type Why =
  | 'unreachable'
  | 'untrusted'
  | 'expired'
  | 'refused'
  | 'not-tls'
  | 'not-docker'
  | 'open'
  | 'too-old';

const unusable = (why: Why, sentence: string, cause?: unknown) =>
  new Problem('engine-unusable', sentence, { members: { why }, cause });

const silent = () => unusable('unreachable', 'It does not answer. Does a firewall keep cep out?');

/** By code and words of what came of the attempt. */
const REASONS: readonly (readonly [RegExp, Why, string])[] = [
  [
    /^CERT_HAS_EXPIRED/,
    'expired',
    'Its certificate has expired. Make a new one, and start dockerd with it.',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID/,
    'untrusted',
    'Its certificate is for another name. Make one whose subjectAltName has the host in the URL.',
  ],
  [
    /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_)/,
    'untrusted',
    'Its certificate was not signed by the CA that you gave. Give the CA of that dockerd with --ca.',
  ],
  [
    /wrong.version.number|packet.length.too.long/i,
    'not-tls',
    'It does not speak TLS. Start dockerd with --tlsverify.',
  ],
  [
    /^(ERR_SSL_.*ALERT|EPIPE|ECONNRESET|EPROTO)/,
    'refused',
    'It does not take the certificate of cep. Is it signed by the CA in dockerd’s --tlscacert, for clientAuth, and not expired?',
  ],
];

/** @param error  what came of an attempt to connect */
export function explain(error: unknown): Problem {
  const { code = '' } = error as NodeJS.ErrnoException;
  const words = messageOf(error);
  const known = REASONS.find(([pattern]) => pattern.test(`${code} ${words}`));
  if (known) return unusable(known[1], known[2], error);
  if (statusOf(error) !== undefined) {
    return unusable('not-docker', `It refuses what cep asks: ${words}.`, error);
  }
  const sentence = `It is not reached: ${words}. Does dockerd listen there, and is its machine on?`;
  return unusable('unreachable', sentence, error);
}
