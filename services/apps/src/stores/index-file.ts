/** The signed index of a store: which files are its owner's, by their hash. Pure. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { checker } from '@cep/contracts/check';
import { Problem } from '@cep/contracts/problems';
import { closed, type Static, Type } from '@cep/contracts/schema';
import { INDEX, SIGNATURE } from '@cep/contracts/store-files';
import { type StoreFiles, unusable } from './files.ts';

const Index = closed({
  schemaVersion: Type.Integer({ minimum: 1, maximum: 1 }),
  serial: Type.Integer({ minimum: 1, description: 'goes up with every change of the store' }),
  files: Type.Record(Type.String(), Type.String({ pattern: '^[0-9a-f]{64}$' }), {
    description: 'SHA-256 in hex, by path',
  }),
});
export type Index = Static<typeof Index>;

const checkIndex = checker(Index, 'index.json');

/** What stands before the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const DER = Buffer.from('302a300506032b6570032100', 'hex');

/** @throws {Problem} `invalid-request` when it is not 32 bytes in base64 */
export function readKey(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 32 && /^[A-Za-z0-9+/]{43}=$/.test(base64)) return base64;
  throw new Problem(
    'invalid-request',
    'The key must be an Ed25519 public key, 32 bytes in base64.',
  );
}

/**
 * @param least  the serial that was seen before: an older index is a replay
 * @throws {Problem} `store-unusable` when the index is not there, not signed by the key, or older
 */
export function openIndex(files: StoreFiles, key: string, least: number): Index {
  const index = files.get(INDEX);
  const signature = files.get(SIGNATURE);
  if (!index || !signature)
    throw unusable('has no index.json with index.json.sig, but a key was given');
  const spki = Buffer.concat([DER, Buffer.from(key, 'base64')]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const bytes = Buffer.from(signature.toString('latin1').trim(), 'base64');
  if (!verify(null, index, publicKey, bytes))
    throw unusable('has an index that the key did not sign');
  const opened = checkIndex(parse(index));
  if (opened.serial < least)
    throw unusable(`has index ${opened.serial}, which is older than ${least}`);
  return opened;
}

function parse(index: Buffer): unknown {
  try {
    return JSON.parse(index.toString());
  } catch (cause) {
    throw unusable('has an index that is not JSON', cause);
  }
}

export const isListed = ({ files }: Index, path: string, bytes: Buffer): boolean =>
  Object.hasOwn(files, path) && files[path] === createHash('sha256').update(bytes).digest('hex');
