import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { failure } from './failure.ts';

/**
 * @param hint  what to say further when it cannot be read
 * @throws {CLIError} that names the file and why it cannot be read
 */
export async function readText(path: string, hint = ''): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw failure(`${path} cannot be read${why}.${hint && ` ${hint}`}`, { cause });
  });
  if (!isUtf8(bytes)) throw failure(`${path} is not text.`);
  return bytes.toString();
}
