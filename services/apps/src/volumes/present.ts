/** Volumes as callers see them. Pure. */
import type { Volume } from '@cep/contracts/volumes';
import type { EngineVolume } from '../engine/volumes.ts';

/** Where the local engine keeps volumes by itself. */
export const POOL = 'default';

export interface Known {
  readonly pool: string;
  /** Apps that there are, by id. */
  readonly using: ReadonlySet<string>;
  /** By volume. */
  readonly leaving: ReadonlyMap<string, Date>;
  /** In bytes, by volume. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function toVolume(
  { name, app, appId, volume, path, createdAt }: EngineVolume,
  { pool, using, leaving, sizes }: Known,
): Volume {
  const isUsed = using.has(appId);
  const leavesAt = isUsed ? undefined : leaving.get(name);
  return {
    name,
    pool,
    app,
    volume,
    state: isUsed ? 'used' : leavesAt ? 'leaving' : 'kept',
    sizeBytes: sizes.get(name) ?? null,
    path,
    leavesAt: leavesAt?.toISOString() ?? null,
    createdAt: createdAt?.toISOString() ?? null,
  };
}
