/** Volumes as callers see them. Pure. */
import type { Volume } from '@cep/contracts/volumes';
import type { EngineVolume } from '../engine/volumes.ts';
import { isUsed, type Used } from './store.ts';

export interface Known {
  readonly pool: string;
  /** By app, as far as it is there. */
  readonly using: Used;
  /** By app, since when its volumes wait for it. */
  readonly released: ReadonlyMap<string, Date>;
  /** By volume. */
  readonly leaving: ReadonlyMap<string, Date>;
  /** In bytes, by volume. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function toVolume(
  engineVolume: EngineVolume,
  { pool, using, released, leaving, sizes }: Known,
): Volume {
  const { name, appId, app, volume, path, createdAt } = engineVolume;
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
    releasedAt: inUse ? null : (released.get(appId)?.toISOString() ?? null),
    leavesAt: leavesAt?.toISOString() ?? null,
    createdAt: createdAt?.toISOString() ?? null,
  };
}
