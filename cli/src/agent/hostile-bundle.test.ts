/** What a server, or whoever sits between, may send to a host: it is refused in one way, or it is a bundle. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Bundle } from '@cep/contracts/bundle';
import { checker } from '@cep/contracts/check';
import { Problem } from '@cep/contracts/problems';
import { certificatePem } from '@cep/nebula/certificates';
import { renderConfig } from '@cep/nebula/config';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { privateKeyPem } from '@cep/nebula/key-pem';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { expect, test } from '@jest/globals';
import { CLIError } from '@oclif/core/errors';
import fc from 'fast-check';
import { CompactSign } from 'jose';
import { openBundle } from './bundle.ts';
import { checkClaims } from './claims.ts';
import { nebulaSettings } from './nebula-settings.ts';

const id = '7f1a6a0e-5a55-4c0b-9d9a-0a4c9d2b8f11';
const range = '10.42.0.0/16';
const validity = { notBefore: 1, notAfter: 4_000_000_000 };
const authority = issueCa(
  { ...validity, version: 1, name: 'home', networks: [range] },
  generateCaKeys(),
);
const tunnel = generateHostKeys();
const certificate = issueHost(authority, {
  ...{ ...validity, name: 'laptop', networks: ['10.42.0.2/16'], groups: [] },
  publicKey: tunnel.publicKey,
});
const bundle: Bundle = {
  ...{ version: 3, issuedAt: new Date(0).toISOString() },
  network: { id, name: 'home', cidr: range },
  host: {
    ...{ id, name: 'laptop', address: '10.42.0.2/16' },
    ...{ lighthouse: false, relay: false, interface: true, port: null },
  },
  certificate: certificatePem(certificate),
  authorities: certificatePem(authority.certificate),
  blocklist: ['a'.repeat(64)],
  lighthouses: [{ address: '10.42.0.1', endpoints: ['192.0.2.1:4242'] }],
  relays: [],
  inbound: [{ port: '443', protocol: 'tcp', from: { group: 'staff' } }],
};
const laptop = { network: 'home', host: 'laptop' };
const signer = generateKeyPairSync('ed25519');
const bundleKey = signer.publicKey.export({ format: 'jwk' }).x ?? '';

const sign = (text: string, key: KeyObject = signer.privateKey): Promise<string> =>
  new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'EdDSA' }).sign(key);

const isBundle = checker(Bundle, 'bundle');

/** All that an agent does with what it was sent, but for the disk. @returns nothing when it is refused */
async function take(sent: string, key = bundleKey): Promise<Bundle | undefined> {
  try {
    const content = await openBundle({ bundle: sent, bundleKey: key }, laptop);
    checkClaims(content, {});
    const privateKey = privateKeyPem('host', tunnel);
    renderConfig(nebulaSettings(content, '1.6.1'), { privateKey, nebulaVersion: '1.6.1' });
    return content;
  } catch (error) {
    // Anything else is a crash.
    expect([CLIError, Problem]).toContain((error as Error).constructor);
    return undefined;
  }
}

const header = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64url');
const payload = Buffer.from(JSON.stringify(bundle)).toString('base64url');

test.each([
  ['nothing', ''],
  ['dots', '..'],
  ['many dots', '.'.repeat(100_000)],
  ['no signature', `${header({ alg: 'EdDSA' })}.${payload}.`],
  ['the algorithm "none"', `${header({ alg: 'none' })}.${payload}.`],
  ['an algorithm of shared secrets', `${header({ alg: 'HS256' })}.${payload}.AAAA`],
  ['an unknown extension', `${header({ alg: 'EdDSA', crit: ['x'], x: 1 })}.${payload}.AAAA`],
  ['a payload apart', `${header({ alg: 'EdDSA', b64: false, crit: ['b64'] })}..AAAA`],
  ['a key that it brings along', `${header({ alg: 'EdDSA', jwk: { kty: 'OKP' } })}.${payload}.AA`],
  ['a header of depth', `${Buffer.from('['.repeat(50_000)).toString('base64url')}.${payload}.AA`],
])('refuses %s', async (_, sent) => {
  expect(await take(sent)).toBeUndefined();
});

test.each([
  ['null', 'null'],
  ['a list', '[]'],
  ['half of one', JSON.stringify(bundle).slice(0, 200)],
  ['depth', '{"network":'.repeat(20_000)],
  ['a prototype', JSON.stringify(bundle).replace('{', '{"__proto__":{"version":9},')],
  ['a version beyond numbers', JSON.stringify({ ...bundle, version: 1 }).replace(':1,', ':1e999,')],
  ['a line that YAML would read', JSON.stringify({ ...bundle, blocklist: ['a\u2028pki: x'] })],
  ['a name that leads elsewhere', JSON.stringify({ ...bundle, certificate: '../../etc/shadow' })],
])('takes %s for no bundle of this host, signed or not', async (_, text) => {
  const content = await take(await sign(text));
  if (content !== undefined) expect(content.version).toBe(bundle.version);
});

test('takes a signed one', async () => {
  expect(await take(await sign(JSON.stringify(bundle)))).toEqual(bundle);
});

test('no text is a bundle, and no key makes it one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (sent, key) => {
      expect(await take(sent)).toBeUndefined();
      expect(await take(sent, key)).toBeUndefined();
    }),
  );
});

test('of a signed one nothing can be changed', async () => {
  const whole = await sign(JSON.stringify(bundle));
  const position = fc.nat(whole.length - 1);
  await fc.assert(
    fc.asyncProperty(position, fc.string({ maxLength: 3 }), fc.nat(3), async (at, put, cut) => {
      const changed = whole.slice(0, at) + put + whole.slice(at + cut);
      const content = await take(changed);
      // Base64 may say the same bytes in two ways.
      if (content !== undefined) expect(content).toEqual(bundle);
    }),
  );
});

test('a signed one with any member replaced is refused, or is a bundle', async () => {
  const member = fc.constantFrom(...pathsOf(bundle));
  await fc.assert(
    fc.asyncProperty(member, fc.jsonValue(), async (path, value) => {
      const content = await take(await sign(JSON.stringify(replaced(bundle, path, value))));
      if (content !== undefined) expect(isBundle(content)).toEqual(content);
    }),
    { numRuns: 500 },
  );
});

type Path = readonly string[];

/** To every member, those inside members too. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...path, name]));
  return path.length > 0 ? [path, ...inner] : inner;
}

function replaced(value: unknown, [name, ...path]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  const copy: Record<string, unknown> = structuredClone(value) as Record<string, unknown>;
  copy[name] = replaced(copy[name], path, by);
  return copy;
}
