import { Problem } from '@cep/contracts/problems';

const VERSION = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/;

/**
 * A template may need a newer cep than this. That is said before anything else about it: the rest may
 * well be what an older one does not understand.
 *
 * @param header  as it is written, not checked yet
 * @param own  the version of this cep, e.g. `0.1.0`
 * @throws {Problem} `invalid-request`
 */
export function assertNewEnough(header: unknown, own: string): void {
  if (typeof header !== 'object' || header === null || !('minCepVersion' in header)) return;
  const { minCepVersion: needed } = header;
  if (typeof needed !== 'string' || !VERSION.test(needed)) {
    throw refused('x-cep/minCepVersion must be a version such as 1.2.0');
  }
  if (isOlder(own, needed)) {
    throw refused(
      `x-cep/minCepVersion: it needs cep ${needed} or newer, and this is ${own}: upgrade cep`,
    );
  }
}

function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number.parseFloat));
  const index = [0, 1, 2].find((part) => left?.[part] !== right?.[part]) ?? 0;
  return (left?.[index] ?? 0) < (right?.[index] ?? 0);
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
