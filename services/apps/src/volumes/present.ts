/** Volumes as callers see them. Pure. */
import type { Volume } from '@cep/contracts/volumes';
import type { EngineVolume } from '../engine/volumes.ts';
import { isUsed, type Used } from './store.ts';

/** Where the local engine keeps volumes by itself. */
export const POOL = 'default';

export interface Known {
  readonly pool: string;
  /** By app, as far as it is there. */
  readonly using: Used;
  /** By volume. */
  readonly leaving: ReadonlyMap<string, Date>;
  /** In bytes, by volume. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function toVolume(
  engineVolume: EngineVolume,
  { pool, using, leaving, sizes }: Known,
): Volume {
  const { name, app, volume, path, createdAt } = engineVolume;
  const inUse = isUsed(using, engineVolume);
  const leavesAt = inUse ? undefined : leaving.get(name);
  return {
    name,
    pool,
    app,
    volume,
    state: inUse ? 'used' : leavesAt ? 'leaving' : 'kept',
    sizeBytes: sizes.get(name) ?? null,
    path,
    leavesAt: leavesAt?.toISOString() ?? null,
    createdAt: createdAt?.toISOString() ?? null,
  };
}
