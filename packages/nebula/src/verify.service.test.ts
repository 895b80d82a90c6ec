/** Our judgement beside that of `nebula-cert verify`, certificate by certificate. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nebulaPrograms } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { compare, specimens, weAccept } from './agreement.fixture.ts';
import { certificatePem, fingerprint, signCertificate } from './certificates.ts';
import type { Certificate, Curve, Details, Version } from './details.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';
import { otherEcdsaSignature } from './signatures.ts';
import { authorityPool, verify } from './verify.ts';

// Each certificate is judged by a process of its own.
jest.setTimeout(60_000);

const run = promisify(execFile);
const now = Math.floor(Date.now() / 1000);
const later = now + 3_600;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cep-verify-'));
});

afterAll(() => rm(folder, { recursive: true }));

interface Case {
  readonly ca?: Partial<Details>;
  readonly host?: Partial<Details>;
  readonly version?: Version;
  readonly caVersion?: Version;
  readonly curve?: Curve;
  /** Changes the certificate after it was signed. */
  readonly tamper?: (certificate: Certificate) => Certificate;
}

function make({ ca, host, version = 1, caVersion = version, curve = 'curve25519', tamper }: Case) {
  const keys = generateCaKeys(curve);
  const authority: Details = {
    ...{ name: 'home', networks: ['10.42.0.0/16'], unsafeNetworks: [], groups: ['server'] },
    ...{ notBefore: now - 60, notAfter: later, publicKey: keys.publicKey },
    ...{ isCa: true, issuer: '', curve, ...ca },
  };
  const issuer = signCertificate(caVersion, authority, keys.privateKey);
  const details: Details = {
    ...{ name: 'web-1', networks: ['10.42.0.7/16'], unsafeNetworks: [], groups: ['server'] },
    ...{ notBefore: now - 60, notAfter: later, publicKey: generateHostKeys(curve).publicKey },
    ...{ isCa: false, issuer: fingerprint(issuer), curve, ...host },
  };
  const certificate = signCertificate(version, details, keys.privateKey);
  return { issuer, certificate: tamper?.(certificate) ?? certificate };
}

async function accepts(program: string, issuer: Certificate, certificate: Certificate) {
  const [ca, crt] = [join(folder, crypto.randomUUID()), join(folder, crypto.randomUUID())];
  await writeFile(ca, certificatePem(issuer));
  await writeFile(crt, certificatePem(certificate));
  return run(program, ['verify', '-ca', ca, '-crt', crt]).then(
    () => true,
    () => false,
  );
}

const old: [string, Case][] = [
  ['a plain host', {}],
  ['a host that ends sooner', { host: { notAfter: later - 9 } }],
  ['a host that outlives its authority', { host: { notAfter: later + 1 } }],
  ['a host older than its authority', { host: { notBefore: now - 61 } }],
  ['an expired host', { host: { notAfter: now - 9 } }],
  ['a host of tomorrow', { host: { notBefore: now + 60 } }],
  ['no groups', { host: { groups: [] } }],
  ['a foreign group', { host: { groups: ['server', 'admin'] } }],
  ['any group of an open authority', { ca: { groups: [] }, host: { groups: ['admin'] } }],
  ['a group named twice', { host: { groups: ['server', 'server'] } }],
  ['an address outside', { host: { networks: ['10.43.0.7/16'] } }],
  ['a narrower mask', { host: { networks: ['10.42.0.7/24'] } }],
  ['a wider mask', { host: { networks: ['10.42.0.7/8'] } }],
  ['any address of an open authority', { ca: { networks: [] } }],
  ['two addresses', { host: { networks: ['10.42.0.7/16', '10.42.0.8/16'] } }],
  ['any route of an open authority', { host: { unsafeNetworks: ['0.0.0.0/0'] } }],
  [
    'a route of a locked authority',
    {
      ca: { unsafeNetworks: ['255.255.255.255/32'] },
      host: { unsafeNetworks: ['192.168.9.0/24'] },
    },
  ],
  ['an empty name', { host: { name: '' } }],
  ['a name of 300 bytes', { host: { name: 'x'.repeat(300) } }],
  ['an odd name', { host: { name: 'wéb \u202e 1' } }],
  ['no signature', { tamper: (certificate) => ({ ...certificate, signature: Buffer.alloc(64) }) }],
];

const recent: [string, Case][] = [
  ['a plain host of version 2', { version: 2 }],
  ['version 1 under version 2', { version: 1, caVersion: 2 }],
  ['version 2 under version 1', { version: 2, caVersion: 1 }],
  ['IPv6 under IPv4', { version: 2, host: { networks: ['fd00::7/64'] } }],
  ['a name of 253 bytes', { version: 2, host: { name: 'x'.repeat(253) } }],
  ['a version 2 wider mask', { version: 2, host: { networks: ['10.42.0.7/8'] } }],
  ['a plain host of P-256', { version: 2, curve: 'p256' }],
  [
    'the other form of a P-256 signature',
    {
      curve: 'p256',
      tamper: (each) => ({ ...each, signature: otherEcdsaSignature(each.signature) }),
    },
  ],
];

requires('nebula')('nebula-cert judges alike', () => {
  test.each(old)('%s, by 1.6', async (_, each) => {
    const { issuer, certificate } = make(each);

    const verdict = verify(certificate, authorityPool([issuer]), { now });

    expect(await accepts(nebulaPrograms('1.6').nebulaCert, issuer, certificate)).toBe(
      verdict === 'valid',
    );
  });

  test.each([...old, ...recent])('%s, by 1.11', async (_, each) => {
    const { issuer, certificate } = make(each);

    const verdict = verify(certificate, authorityPool([issuer]), { now });

    expect(await accepts(nebulaPrograms('1.11').nebulaCert, issuer, certificate)).toBe(
      verdict === 'valid',
    );
  });

  test('hundreds drawn at random', async () => {
    const drawn = specimens(1, 400);
    const old = drawn.filter(({ isOld }) => isOld);

    // Enough of both verdicts to mean something.
    expect(drawn.filter(weAccept).length).toBeGreaterThan(40);
    expect((await compare(nebulaPrograms('1.11').nebulaCert, drawn)).disagreed).toEqual([]);
    expect((await compare(nebulaPrograms('1.6').nebulaCert, old)).disagreed).toEqual([]);
  });
});
