import { makePair } from './key-pairs.ts';
import type { Generate } from './parameter-schema.ts';

/** As `randomBytes` of node:crypto. */
export type Random = (bytes: number) => Buffer;

const ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** A consonant and a vowel carry six bits; three such syllables are a word that can be said. */
const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aiou';
const SYLLABLES_A_WORD = 3;

/**
 * Makes a value that carries `bytes` bytes of randomness (24 unless said, 9 for a passphrase, 48 to
 * sign tokens with, always 16 for a UUID of version 4), whatever letters it is written with; or the
 * private half of a pair of keys, of node:crypto's own making.
 */
export function generate({ kind, bytes }: Generate, random: Random): string {
  switch (kind) {
    case 'hex':
      return random(bytes ?? 24).toString('hex');
    case 'base64':
      return random(bytes ?? 24).toString('base64');
    case 'jwtSecret':
      return random(bytes ?? 48).toString('base64url');
    case 'base64url':
      return random(bytes ?? 24).toString('base64url');
    case 'alnum':
      return alnum(random(bytes ?? 24));
    case 'uuid':
      return uuid(random(16));
    case 'passphrase':
      return passphrase(random(bytes ?? 9));
    case 'rsa':
    case 'ed25519':
    case 'vapid':
      return makePair(kind);
  }
}

/** The bytes as one number in base 62, padded to the length of the largest. */
function alnum(bytes: Buffer): string {
  const length = Math.ceil((bytes.length * 8) / Math.log2(ALNUM.length));
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text = ALNUM.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

function uuid(bytes: Buffer): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function passphrase(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const syllables = bits.match(/.{1,6}/g)?.map((six) => syllable(Number.parseInt(six, 2))) ?? [];
  const words = Array.from({ length: Math.ceil(syllables.length / SYLLABLES_A_WORD) }, (_, index) =>
    syllables.slice(index * SYLLABLES_A_WORD, (index + 1) * SYLLABLES_A_WORD).join(''),
  );
  return words.join('-');
}

const syllable = (six: number) => CONSONANTS.charAt(six >> 2) + VOWELS.charAt(six & 3);
