/**
 * Certificates, good and broken in every way we could think of, for comparing our judgement with
 * that of `nebula-cert verify`: drawn at random, and with the same seed the same. Authorities that
 * another authority signed are left out: we take none for a host, and that program does not ask.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '@cep/contracts/problems';
import fc from 'fast-check';
import {
  certificatePem,
  encodeCertificate,
  fingerprint,
  parseCertificate,
  parseCertificates,
  signCertificate,
} from './certificates.ts';
import type { Certificate, Details } from './details.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';
import { type Banner, encodePem } from './pem.ts';
import { otherEcdsaSignature } from './signatures.ts';
import { authorityPool, verify } from './verify.ts';

const run = promisify(execFile);

/** One case: what it is, and the two files that a verifier is given. */
export interface Specimen {
  readonly kind: string;
  /** Whether nebula 1.6 could read both: version 1 of Curve25519. */
  readonly isOld: boolean;
  readonly authority: string;
  readonly certificate: string;
  /** Of the certificate before it was damaged. */
  readonly fingerprint: string;
}

const HOUR = 3_600;
const one = <T>(...values: T[]) => fc.constantFrom(...values);
const some = <T>(...values: T[]) => fc.subarray(values);

const authorities = fc.record({
  version: one(1, 2),
  networks: one(
    [],
    ['10.42.0.0/16'],
    ['10.42.0.0/16', '172.20.0.0/16'],
    ['10.42.0.0/16', 'fd00:42::/64'],
    ['fd00:42::/64'],
  ),
  unsafeNetworks: one([], ['255.255.255.255/32'], ['192.168.0.0/16']),
  groups: one([], ['server'], ['server', 'laptop']),
  /** Hours from now to its beginning and its end. */
  hours: fc.oneof({ weight: 8, arbitrary: one([-9, 9]) }, one([-9, -2], [2, 9])),
});

const address = one(
  '10.42.0.7/16',
  '10.42.0.7/16',
  '10.42.0.7/16',
  '10.42.0.7/24',
  '10.42.0.7/8',
  '10.43.0.7/16',
  '172.20.1.2/16',
  'fd00:42::7/64',
  'fd00:42::7/48',
  'fd00:43::7/64',
);

const hosts = fc.record({
  version: one(1, 2),
  name: fc.oneof(
    { weight: 8, arbitrary: one('web-1') },
    one('', 'x'.repeat(253), 'x'.repeat(254), 'wéb \u202e 1'),
  ),
  networks: fc.oneof(
    { weight: 4, arbitrary: one(['10.42.0.7/16'], ['10.42.0.7/16', 'fd00:42::7/64']) },
    fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
  ),
  unsafeNetworks: fc.oneof(
    { weight: 4, arbitrary: one<string[]>([]) },
    some('192.168.9.0/24', '172.16.0.0/12', '0.0.0.0/0', 'fd01::/64'),
  ),
  groups: fc.oneof({ weight: 3, arbitrary: one(['server']) }, some('server', 'laptop', 'admin')),
  /** Seconds after the beginning, and before the end, of its authority; then whether it ended. */
  margins: fc.oneof({ weight: 5, arbitrary: one([0, 0], [60, 60]) }, one([-1, 0], [0, -1])),
  isOver: fc.oneof({ weight: 9, arbitrary: one(false) }, one(true)),
});

const damage = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: one('none') }) },
  { weight: 1, arbitrary: fc.record({ kind: one('stranger', 'other issuer', 'banner', 'twin') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: one('change', 'flip', 'insert', 'remove', 'cut', 'signature'),
      at: fc.nat(),
      byte: fc.nat(255),
    }),
  },
);

const cases = fc.record({
  curve: one('curve25519' as const, 'p256' as const),
  authority: authorities,
  host: hosts,
  damage,
});
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

/** @returns `count` of them; what no format could carry was left out */
export function specimens(seed: number, count: number): Specimen[] {
  const made: Specimen[] = [];
  for (let round = 0; made.length < count; round += 1) {
    for (const each of fc.sample(cases, { seed: seed + round, numRuns: count }))
      made.push(...make(each));
  }
  return made.slice(0, count);
}

function make(each: Case): Specimen[] {
  try {
    return [specimen(each)];
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

const keysOf = { curve25519: generateCaKeys(), p256: generateCaKeys('p256') };
const strangerOf = { curve25519: generateCaKeys(), p256: generateCaKeys('p256') };
const holderOf = { curve25519: generateHostKeys(), p256: generateHostKeys('p256') };

function specimen({ curve, authority, host, damage: { kind, ...where } }: Case): Specimen {
  const now = Math.floor(Date.now() / 1000);
  const [begin = 0, end = 0] = authority.hours.map((hours) => now + hours * HOUR);
  const keys = keysOf[curve];
  const { networks, unsafeNetworks, groups } = authority;
  const issuer = signCertificate(
    authority.version === 1 ? 1 : 2,
    {
      ...{ name: 'home', networks, unsafeNetworks, groups, notBefore: begin, notAfter: end },
      ...{ publicKey: keys.publicKey, isCa: true, issuer: '', curve },
    },
    keys.privateKey,
  );
  const { version, margins, isOver, ...rest } = host;
  const [early = 0, late = 0] = margins;
  const details: Details = {
    ...{ ...rest, notBefore: begin + early, notAfter: isOver ? begin + HOUR : end - late },
    ...{ publicKey: holderOf[curve].publicKey, isCa: false, curve },
    issuer: kind === 'other issuer' ? 'ab'.repeat(32) : fingerprint(issuer),
  };
  const signer = kind === 'stranger' ? strangerOf[curve] : keys;
  const signed = signCertificate(version === 1 ? 1 : 2, details, signer.privateKey);
  return {
    kind: `version ${version} under ${authority.version}, ${curve}, ${kind}`,
    isOld: curve === 'curve25519' && version === 1 && authority.version === 1 && kind !== 'banner',
    authority: certificatePem(issuer),
    certificate: damaged(signed, kind, where),
    fingerprint: fingerprint(signed),
  };
}

function damaged(
  certificate: Certificate,
  kind: string,
  { at = 0, byte = 0 }: { readonly at?: number; readonly byte?: number },
): string {
  const banners: Banner[] = ['NEBULA CERTIFICATE', 'NEBULA CERTIFICATE V2'];
  const own = banners[certificate.version - 1] ?? 'NEBULA CERTIFICATE';
  const bytes = Buffer.from(encodeCertificate(certificate));
  const place = at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place + 1)];
  switch (kind) {
    case 'banner':
      return encodePem(banners[2 - certificate.version] ?? own, bytes);
    case 'twin': {
      if (certificate.curve !== 'p256') return certificatePem(certificate);
      const signature = otherEcdsaSignature(certificate.signature);
      return certificatePem({ ...certificate, signature });
    }
    case 'signature':
      return certificatePem({ ...certificate, signature: flipped(certificate.signature, at) });
    case 'change':
      return encodePem(own, Buffer.concat([before, Buffer.of(byte), after]));
    case 'flip':
      return encodePem(own, flipped(bytes, at));
    case 'insert':
      return encodePem(own, Buffer.concat([before, Buffer.of(byte), bytes.subarray(place)]));
    case 'remove':
      return encodePem(own, Buffer.concat([before, after]));
    case 'cut':
      return encodePem(own, before);
    default:
      return certificatePem(certificate);
  }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes);
  const place = at % copy.length;
  copy[place] = (copy[place] ?? 0) ^ (1 << (at % 8));
  return copy;
}

/** Whether we would take the certificate. */
export function weAccept({ authority, certificate }: Specimen): boolean {
  try {
    const pool = authorityPool(parseCertificates(authority));
    return (
      verify(parseCertificate(certificate), pool, { now: Math.floor(Date.now() / 1000) }) ===
      'valid'
    );
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid-request') return false;
    throw error;
  }
}

const AT_ONCE = 4;

interface Comparison {
  /** Those of which `nebula-cert verify` thinks otherwise than we do. */
  readonly disagreed: readonly Specimen[];
  /**
   * How many only spell a good certificate otherwise than nebula writes it, e.g. with a number of
   * too many bits. It reads them as that certificate, of the same fingerprint; we read one spelling.
   */
  readonly respelled: number;
}

/** @param program  path of a `nebula-cert` */
export async function compare(program: string, all: readonly Specimen[]): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), 'cep-agreement-'));
  const disagreed: Specimen[] = [];
  let respelled = 0;
  const waiting = all.entries();
  const work = async () => {
    for (const [index, each] of waiting) {
      const [ca, crt] = [join(folder, `${index}.ca`), join(folder, `${index}.crt`)];
      await Promise.all([writeFile(ca, each.authority), writeFile(crt, each.certificate)]);
      const theyAccept = await accepts(program, ca, crt);
      if (theyAccept === weAccept(each)) continue;
      if (theyAccept && (await printedFingerprint(program, crt)) === each.fingerprint)
        respelled += 1;
      else disagreed.push(each);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await rm(folder, { recursive: true });
  return { disagreed, respelled };
}

const accepts = (program: string, ca: string, crt: string): Promise<boolean> =>
  run(program, ['verify', '-ca', ca, '-crt', crt]).then(
    () => true,
    (error: { code?: unknown }) => {
      // A number is the program's own verdict, anything else is ours for want of one.
      if (typeof error.code === 'number') return false;
      throw error;
    },
  );

async function printedFingerprint(program: string, crt: string): Promise<string> {
  const { stdout } = await run(program, ['print', '-json', '-path', crt]);
  const [printed]: { fingerprint: string }[] = [JSON.parse(stdout)].flat();
  return printed?.fingerprint ?? '';
}
