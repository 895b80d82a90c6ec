import type { deployApp } from '@cep/contracts/apps';
import type { Input } from '@cep/contracts/endpoint';
import { wrongUsage } from '../failure.ts';

type Pools = NonNullable<Input<typeof deployApp>['body']['pools']>;

/**
 * `['fast', 'media=bulk']` is `{ '*': 'fast', media: 'bulk' }`.
 *
 * @returns nothing when none is given
 * @throws {CLIError} for one without a name, and for a volume that is given twice
 */
export function parsePools(given: readonly string[]): { pools?: Pools } {
  const pools: Record<string, string> = {};
  for (const text of given) {
    const at = text.indexOf('=');
    const volume = at < 0 ? '*' : text.slice(0, at);
    const pool = text.slice(at + 1);
    if (!volume || !pool) throw wrongUsage(`--pool takes POOL or VOLUME=POOL, not "${text}".`);
    if (Object.hasOwn(pools, volume)) {
      const what = volume === '*' ? 'for all volumes' : `for ${volume}`;
      throw wrongUsage(`--pool is given twice ${what}.`);
    }
    pools[volume] = pool;
  }
  return given.length === 0 ? {} : { pools };
}
