/** Which pool a new volume of an app goes to. Pure. */
import { Problem } from '@cep/contracts/problems';
import type { Template } from '../templates/template.ts';

/** By the template's name of a volume, the pool that somebody wants; {@link EVERY} is the others. */
export type PoolWish = Readonly<Record<string, string>>;

export const EVERY = '*';

const own = (wish: PoolWish, name: string): string | undefined =>
  Object.hasOwn(wish, name) ? wish[name] : undefined;

/** @returns a wish without volumes that an app no longer has */
export const onlyOf = (wish: PoolWish = {}, volumes: readonly string[]): PoolWish =>
  Object.fromEntries(
    Object.entries(wish).filter(([name]) => name === EVERY || volumes.includes(name)),
  );

/**
 * @param uses  what the template says of its volumes
 * @returns by volume; one that is not in it goes where its engine keeps volumes by itself
 * @throws {Problem} `invalid-request` for a volume that there is not
 */
export function choosePools(
  volumes: readonly string[],
  wish: PoolWish = {},
  uses: Template['volumes'] = {},
): Map<string, string> {
  const stranger = Object.keys(wish).find((name) => name !== EVERY && !volumes.includes(name));
  if (stranger !== undefined) {
    const all = volumes.length > 0 ? `It has: ${volumes.join(', ')}.` : 'It has none.';
    throw new Problem('invalid-request', `body/pools: the app has no volume "${stranger}". ${all}`);
  }
  return new Map(
    volumes.flatMap((volume) => {
      const pool = own(wish, volume) ?? own(wish, EVERY) ?? uses[volume]?.pool;
      return pool === undefined ? [] : [[volume, pool] as const];
    }),
  );
}
