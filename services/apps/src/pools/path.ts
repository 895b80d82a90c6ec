/** Where a pool may be, as far as its path tells. Pure; `ground.ts` judges what is there. */
import { Problem } from '@cep/contracts/problems';
import { holds, isNeverGiven, isPlainPath } from '../engine/policy/mounts.ts';

const LONGEST = 200;

/**
 * @param dockerFolder  where the engine keeps what is its own
 * @returns the path, without a slash at its end
 * @throws {Problem} `invalid-request`
 */
export function readPath(text: string, dockerFolder: string): string {
  const path = text.replace(/(.)\/$/, '$1');
  if (!path.startsWith('/')) throw refused('must be absolute, e.g. /srv/NAME');
  if (path.length > LONGEST) throw refused(`may have at most ${LONGEST} characters`);
  if (!/^[A-Za-z0-9._@+/-]+$/.test(path)) {
    throw refused('may have letters, digits and . _ @ + - in it');
  }
  if (!isPlainPath(path)) throw refused('must be written without "..", "." and "//"');
  if (isNeverGiven(path))
    throw refused(`${AROUND} what belongs to the system. Take e.g. /srv/NAME`);
  if (holds(dockerFolder, path) || holds(path, dockerFolder)) {
    throw refused(`${AROUND} the folder of Docker itself, ${dockerFolder}. Take e.g. /srv/NAME`);
  }
  return path;
}

const AROUND = 'is in, or has in it,';

const refused = (why: string) => new Problem('invalid-request', `body/path: The path ${why}.`);

/** @returns e.g. `/`, `/srv` and `/srv/fast` */
export const wayTo = (path: string): string[] => [
  '/',
  ...path
    .split('/')
    .slice(1)
    .map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`),
];
