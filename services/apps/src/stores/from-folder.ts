import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { assertModest, type Fetched, isWanted, unusable } from './files.ts';

/**
 * Reads a store from a folder of this machine. Links are not followed below it.
 *
 * @throws {Problem} `store-unusable`
 */
export async function fetchFolder(folder: string): Promise<Fetched> {
  const root = await realpath(folder).catch((cause) => {
    throw unusable(`is not found: the server has no folder ${folder} that it may read`, cause);
  });
  const paths = (await walk(root, '', 0)).filter(isWanted).toSorted();
  assertModest(paths.map((path) => ({ path, bytes: 0 })));
  const files = new Map<string, Buffer>();
  for (const path of paths) {
    const bytes = await readRegular(join(root, path), path);
    files.set(path, bytes);
    assertModest([...files].map(([name, { length }]) => ({ path: name, bytes: length })).slice(-1));
  }
  assertModest([...files].map(([path, { length }]) => ({ path, bytes: length })));
  return { files, revision: null };
}

/** Paths of regular files at most two folders below the root: `apps/ID/FILE`. */
async function walk(root: string, path: string, depth: number): Promise<string[]> {
  const folder = join(root, path);
  if (!(await lstat(folder)).isDirectory()) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unusable(`has a folder ${path || folder} that cannot be read`, cause);
  });
  const found: string[] = [];
  for (const entry of entries) {
    const inside = path ? `${path}/${entry.name}` : entry.name;
    if (entry.isFile()) found.push(inside);
    if (entry.isDirectory() && depth < 2 && !entry.name.startsWith('.')) {
      found.push(...(await walk(root, inside, depth + 1)));
    }
  }
  return found;
}

/** What became a link or a pipe since it was listed is not read, and not waited for. */
async function readRegular(file: string, path: string): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, flags);
    const status = await handle.stat();
    if (!status.isFile()) throw unusable(`has a file ${path} that is none`);
    assertModest([{ path, bytes: status.size }]);
    return await handle.readFile();
  } catch (cause) {
    const isSaid = cause instanceof Error && cause.name === 'Problem';
    throw isSaid ? cause : unusable(`has a file ${path} that cannot be read`, cause);
  } finally {
    await handle?.close();
  }
}
