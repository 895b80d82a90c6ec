import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what tests need beside this repository is kept between runs: `CEP_TEST_CACHE` moves it. */
export const CACHE = process.env.CEP_TEST_CACHE ?? join(homedir(), '.cache', 'cep-test');

/** Storage of the test registry: every image, as a registry keeps it. */
export const IMAGES = join(CACHE, 'images');

/** Where a package of another Debian suite lies unpacked. */
export function unpacked(name: string, version: string): string {
  return join(CACHE, 'packages', `${name}_${version}`);
}
