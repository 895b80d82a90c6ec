import { readFile } from 'node:fs/promises';
import { failure } from './failure.ts';

/** @throws {CLIError} that names the file and why it cannot be read */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw failure(`${path} cannot be read${why}.`, { cause });
  }
}
