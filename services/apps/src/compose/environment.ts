import { Problem } from '@cep/contracts/problems';
import { atPath } from './at-path.ts';
import { type Context, fileAt, insidePath } from './context.ts';
import { parseEnvFile } from './env-file.ts';
import type { ComposeService } from './schema.ts';

type Entry = readonly [name: string, value: string | null];

/**
 * Both forms of `environment`, on top of what the files of `env_file` say. A name without a value
 * takes the value of the variable of that name, or is left out when that has none.
 *
 * @param path  of the service
 * @throws {Problem} `invalid-request` for what is no name or no file, and whatever `lookup` throws
 */
export function readEnvironment(
  path: string,
  service: Pick<ComposeService, 'environment' | 'env_file'>,
  context: Context,
): Record<string, string> {
  const inFiles = readEnvFiles(`${path}/env_file`, service.env_file, context);
  const values = (where: string, entries: readonly Entry[]) =>
    entries.flatMap(([name, text]) => valueOf(where, name, text, context));
  return Object.fromEntries([
    ...values(`${path}/env_file`, inFiles),
    ...values(`${path}/environment`, entriesOf(service.environment)),
  ]);
}

function valueOf(path: string, name: string, text: string | null, { lookup }: Context) {
  if (!/^[^\s=\0]+$/.test(name)) {
    throw new Problem('invalid-request', `${path} has "${name}", which names no variable.`);
  }
  const value = text ?? atPath(path, () => lookup(name));
  if (value?.includes('\0')) throw new Problem('invalid-request', `${path}/${name} has a NUL.`);
  return value === undefined ? [] : [[name, value] as const];
}

function readEnvFiles(
  path: string,
  given: ComposeService['env_file'] = [],
  context: Context,
): Entry[] {
  return [given].flat().flatMap((entry) => {
    const file = typeof entry === 'string' ? { path: entry } : entry;
    const inside = insidePath(path, file.path);
    const isMissing = !Object.hasOwn(context.files ?? {}, inside);
    if (isMissing && file.required === false) return [];
    return parseEnvFile(`${path} "${file.path}"`, fileAt(context, path, file.path));
  });
}

/** Names and values of what compose takes as a list of `NAME=VALUE` or as a map. */
export function entriesOf(given: readonly string[] | Record<string, string | null> = []): Entry[] {
  return Array.isArray(given) ? given.map(splitEntry) : Object.entries(given);
}

function splitEntry(entry: string): Entry {
  const equals = entry.indexOf('=');
  return equals === -1 ? [entry, null] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
