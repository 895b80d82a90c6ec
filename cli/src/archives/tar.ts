/** Archives as they are read and written: a few small texts in one folder. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { packTar, type TarHeader, unpackTar } from 'modern-tar';
import { failure } from '../failure.ts';

/** Texts by the names of their files. */
export type Texts = Readonly<Record<string, string>>;

/** Of the archive, packed or not. Those that we make have 10 kB. */
export const LARGEST_BYTES = 2 ** 20;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** @param root  the folder that all of them are in */
export async function packTexts(root: string, texts: Texts): Promise<Buffer> {
  const entries = Object.entries(texts).map(([name, text]) => ({
    header: { name: `${root}/${name}`, size: Buffer.byteLength(text), mode: 0o600 },
    body: text,
  }));
  const folder = { header: { name: `${root}/`, size: 0, mode: 0o700, type: 'directory' as const } };
  return compress(await packTar([folder, ...entries]));
}

/**
 * Nothing of it is ever written by its name, so that it cannot reach beyond what reads it.
 *
 * @throws {CLIError} for what is no such archive: more than one folder, names that lead elsewhere,
 *   links and whatever else is no file, files of one name, and for more than {@link LARGEST_BYTES}
 */
export async function unpackTexts(packed: Uint8Array): Promise<Texts> {
  if (packed.length > LARGEST_BYTES) throw refused('it is too large');
  const tar = await decompress(packed, { maxOutputLength: LARGEST_BYTES }).catch(
    (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ERR_BUFFER_TOO_LARGE' ? 'it is too large' : 'it is not gzip';
      throw refused(why, { cause });
    },
  );
  const entries = await unpackTar(tar, { strict: true, filter: mayHold }).catch((cause: Error) => {
    throw cause instanceof Refused ? refused(cause.message) : refused('it is damaged', { cause });
  });
  const roots = new Set(entries.map(({ header }) => header.name.split('/')[0]));
  if (roots.size > 1) throw refused('it has more than one folder');
  const texts = new Map<string, string>();
  for (const { header, data } of entries) {
    if (!data || header.type === 'directory') continue;
    const name = header.name.split('/')[1] ?? '';
    if (texts.has(name)) throw refused(`it has ${quoted(name)} twice`);
    texts.set(name, Buffer.from(data).toString('utf8'));
  }
  return Object.fromEntries(texts);
}

class Refused extends Error {}

/** `FOLDER/` and `FOLDER/FILE`, in words that lead nowhere. */
const NAMES = { directory: /^[\w-][\w.-]*\/?$/, file: /^[\w-][\w.-]*\/[\w-][\w.-]*$/ };

/** Asked before a byte of the contents is read. */
function mayHold({ name, type = 'file', size }: TarHeader): boolean {
  if (type !== 'directory' && type !== 'file')
    throw new Refused(`${quoted(name)} is neither a file nor a folder`);
  if (!NAMES[type].test(name)) throw new Refused(`${quoted(name)} is not in its one folder`);
  if (size > LARGEST_BYTES) throw new Refused('it is too large');
  return true;
}

const quoted = (name: string) => JSON.stringify(name.slice(0, 100));

const refused = (why: string, options?: ErrorOptions) =>
  failure(
    `This is not an archive that "cep host bundle" made: ${why}. Nothing was changed.`,
    options,
  );
