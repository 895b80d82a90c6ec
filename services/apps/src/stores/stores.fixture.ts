/** A store to add: its files, and the index that its owner signs. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export const compose = (id: string, image = 'hello:1') => `x-cep:
  schemaVersion: 1
  id: ${id}
  name: ${id}
  version: "1"
  revision: 1
  summary: a test
  categories: [tests]
services:
  web:
    image: ${image}
`;

export const filesOf = (texts: Readonly<Record<string, string>>): Map<string, Buffer> =>
  new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));

export function owner() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    key: spki.subarray(-32).toString('base64'),
    /** The files with an index of them and its signature. */
    signed: (texts: Readonly<Record<string, string>>, serial = 1) => ({
      ...texts,
      ...indexOf(texts, serial, privateKey),
    }),
  };
}

function indexOf(texts: Readonly<Record<string, string>>, serial: number, key: KeyObject) {
  const files = Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [
      path,
      createHash('sha256').update(text).digest('hex'),
    ]),
  );
  const index = JSON.stringify({ schemaVersion: 1, serial, files });
  return {
    'index.json': index,
    'index.json.sig': `${sign(null, Buffer.from(index), key).toString('base64')}\n`,
  };
}
