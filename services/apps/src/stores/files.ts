/** The files of a store, and which of them are looked at. Pure. */
import { Problem } from '@cep/contracts/problems';
import { INDEX, isTemplateFile, SIGNATURE } from '@cep/contracts/store-files';

/** By path, e.g. `apps/wiki/compose.yaml`; only paths that {@link isWanted} takes. */
export type StoreFiles = ReadonlyMap<string, Buffer>;

export interface Fetched {
  readonly files: StoreFiles;
  /** A git commit; null for a folder. */
  readonly revision: string | null;
}

const MAX_FILES = 4_000;
const MAX_FILE_BYTES = 256 * 1024;
const MAX_BYTES = 32 * 1024 * 1024;

/** Nothing else is read. */
export const isWanted = (path: string): boolean =>
  path === INDEX || path === SIGNATURE || isTemplateFile(path);

/** @throws {Problem} `store-unusable` for more than a store may have */
export function assertModest(files: readonly { readonly path: string; readonly bytes: number }[]) {
  if (files.length > MAX_FILES) throw unusable(`has more than ${MAX_FILES} files of templates`);
  const large = files.find(({ bytes, path }) => bytes > limitOf(path));
  if (large) throw unusable(`has a file ${large.path} of more than ${limitOf(large.path)} bytes`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > MAX_BYTES) throw unusable(`has more than ${MAX_BYTES} bytes of templates`);
}

const limitOf = (path: string): number => (path === INDEX ? 4 : 1) * MAX_FILE_BYTES;

/** @param what  goes on after "The store", without a full stop */
export const unusable = (what: string, cause?: unknown): Problem =>
  new Problem('store-unusable', `The store ${what}.`, { cause });
