import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { failure } from '../failure.ts';
import { isMembers, listOf, type Members, membersOf, type Tree, textOf } from './draft.ts';

const MAX_BYTES = 8 * 1024 * 1024;

/** YAML, of which JSON is a part. @throws {CLIError} */
export async function readDocument(file: string): Promise<Tree> {
  try {
    if ((await stat(file)).size > MAX_BYTES) throw failure(`${file} is larger than 8 MiB.`);
    const { parseDocument } = await import('yaml');
    const document = parseDocument(await readFile(file, 'utf8'), { merge: true });
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw failure(`${file} cannot be read: ${why?.replace(/[.:]$/, '')}.`, { cause });
  }
}

/** @returns nothing for what is not there, or not below the folder */
export async function readCompose(folder: string, path: string): Promise<Members | undefined> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    if (!file.startsWith(root + sep)) return undefined;
    const document = await readDocument(file);
    return isMembers(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

/** The compose files that a Portainer list names, as paths in its repository. */
export const stackPaths = (document: Tree): string[] =>
  listOf(Array.isArray(document) ? document : membersOf(document).templates).flatMap((template) => {
    const path = textOf(membersOf(membersOf(template).repository).stackfile);
    return path ? [path] : [];
  });
