import { Problem } from '@cep/contracts/problems';
import { atPath } from './at-path.ts';
import type { Lookup } from './interpolate.ts';
import type { ComposeService } from './schema.ts';

/**
 * Both forms of `environment`. A name without a value takes the value of the variable of that name, or
 * is left out when that has none.
 *
 * @throws {Problem} `invalid-request` for what is no name, and whatever `lookup` throws
 */
export function readEnvironment(
  path: string,
  environment: ComposeService['environment'] = {},
  lookup: Lookup,
): Record<string, string> {
  const given = Array.isArray(environment)
    ? environment.map(splitEntry)
    : Object.entries(environment);
  const entries = given.flatMap(([name, text]) => {
    if (!/^[^\s=\0]+$/.test(name)) {
      throw new Problem('invalid-request', `${path} has "${name}", which names no variable.`);
    }
    const value = text ?? atPath(path, () => lookup(name));
    if (value?.includes('\0')) throw new Problem('invalid-request', `${path}/${name} has a NUL.`);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function splitEntry(entry: string): [name: string, value: string | null] {
  const equals = entry.indexOf('=');
  return equals === -1 ? [entry, null] : [entry.slice(0, equals), entry.slice(equals + 1)];
}
