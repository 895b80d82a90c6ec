/** Pools as callers see them. Pure. */
import type { Pool, PoolDetails } from '@cep/contracts/pools';
import { engineUnavailable, type Lost } from '../engine/failures.ts';
import type { EngineVolume } from '../engine/volumes.ts';
import type { Measure } from './measure.ts';
import type { PoolRow } from './store.ts';

interface Seen {
  readonly path: string | null;
  readonly lost: Lost | undefined;
  /** What is wrong with its folder. */
  readonly why?: string | undefined;
}

export const toPool = (row: PoolRow, { path, lost, why }: Seen): Pool => ({
  name: row.name,
  engine: row.engine,
  driver: 'local',
  path,
  isOwn: row.path === null,
  state: lost ? 'unknown' : why === undefined ? 'ready' : 'unusable',
  why: lost ? engineUnavailable(lost).message : (why ?? null),
  createdAt: row.created_at.toISOString(),
});

interface Inside {
  /** Nothing: it cannot be measured now. */
  readonly measured?: Measure;
  readonly sizes?: ReadonlyMap<string, number>;
  /** Those of the project. */
  readonly volumes: readonly EngineVolume[];
}

export function toDetails(pool: Pool, { measured, sizes, volumes: inside }: Inside): PoolDetails {
  const volumes = inside.map(({ name, app }) => ({
    name,
    app,
    sizeBytes: sizes?.get(name) ?? null,
  }));
  return {
    ...pool,
    totalBytes: measured?.totalBytes ?? null,
    freeBytes: measured?.freeBytes ?? null,
    volumes,
    usedBytes: sizes ? volumes.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0) : null,
  };
}
