/** Signs the templates of an app store, so that whoever has the key can tell that they are its owner's. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { INDEX, isTemplateFile, SIGNATURE } from '@cep/contracts/store-files';
import { failure } from '../failure.ts';
import { readText } from '../read-text.ts';

export interface Signed {
  /** What goes up with every change. */
  readonly serial: number;
  /** How many files the index lists. */
  readonly files: number;
  /** The public key: 32 bytes in base64. */
  readonly key: string;
}

/**
 * Writes `index.json` and `index.json.sig`. Signed again without a change, both stay what they are.
 *
 * @param keyFile  an Ed25519 private key in PEM; made, for its owner alone, where there is none
 * @throws {CLIError} for a folder without templates, and for a key of another kind or in the folder
 */
export async function signStore(folder: string, keyFile: string): Promise<Signed> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw failure(`There is no folder ${folder}.`, { cause });
  });
  const files = await hashesOf(root);
  const count = Object.keys(files).length;
  if (count === 0) {
    throw failure(
      `${folder} has no templates: they lie in apps/NAME/compose.yaml or NAME/compose.yaml.`,
    );
  }
  const key = await keyAt(await outside(root, keyFile));
  const before = await indexAt(join(root, INDEX));
  const isSame = before !== undefined && JSON.stringify(before.files) === JSON.stringify(files);
  const serial = (before?.serial ?? 0) + (isSame ? 0 : 1);
  const index = `${JSON.stringify({ schemaVersion: 1, serial, files }, null, 1)}\n`;
  await writeFile(join(root, INDEX), index);
  await writeFile(
    join(root, SIGNATURE),
    `${sign(null, Buffer.from(index), key).toString('base64')}\n`,
  );
  return { serial, files: count, key: publicPart(key) };
}

/** By path, in order. */
async function hashesOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isTemplateFile);
  const hashes = paths.toSorted().map(async (path) => {
    const hash = createHash('sha256').update(await readFile(join(root, path)));
    return [path, hash.digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

/** Who publishes the folder must not publish the key with it. */
async function outside(root: string, keyFile: string): Promise<string> {
  const folder = await realpath(dirname(resolve(keyFile))).catch((cause: unknown) => {
    throw failure(`There is no folder ${dirname(keyFile)}.`, { cause });
  });
  if (folder === root || folder.startsWith(`${root}${sep}`)) {
    throw failure(
      `${keyFile} is in the store, whose readers would have the key: keep it elsewhere.`,
    );
  }
  return join(folder, basename(keyFile));
}

async function keyAt(file: string): Promise<KeyObject> {
  const made = generateKeyPairSync('ed25519').privateKey;
  const pem = made.export({ type: 'pkcs8', format: 'pem' });
  const isNew = await writeFile(file, pem, { flag: 'wx', mode: 0o600 }).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return false;
      throw failure(`${file} cannot be written (${cause.code}).`, { cause });
    },
  );
  if (isNew) return made;
  const key = parseKey(await readText(file));
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw failure(
    `${file} is no Ed25519 private key in PEM. Name a file that is not there to have one made.`,
  );
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** The key itself is the end of its DER form (RFC 8410). */
const publicPart = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');

interface Index {
  readonly serial: number;
  readonly files: unknown;
}

async function indexAt(file: string): Promise<Index | undefined> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw failure(`${file} cannot be read (${cause.code}).`, { cause });
  });
  if (text === undefined) return undefined;
  try {
    const { serial, files } = JSON.parse(text) as Partial<Index>;
    if (Number.isSafeInteger(serial)) return { serial: Number(serial), files };
  } catch {
    // Said below.
  }
  throw failure(`${file} is no index: its serial is needed, for the next one has to be higher.`);
}
