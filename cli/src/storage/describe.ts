/** Volumes in words, for people. Pure. */
import type { PoolDetails } from '@cep/contracts/pools';
import type { Volume } from '@cep/contracts/volumes';
import { card } from '../table.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** e.g. `12.3 MB`, in powers of 1000 as disks are sold; `-` where nobody measured. */
export function size(bytes: number | null): string {
  if (bytes === null) return '-';
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${UNITS[step]}`;
}

export const describeState = ({ state, leavesAt }: Volume): string =>
  leavesAt ? `${state}, gone at ${leavesAt}` : state;

export const describeVolume = (volume: Volume): string =>
  card({
    Name: volume.name,
    Pool: volume.pool,
    App: volume.app,
    Volume: volume.volume,
    State: describeState(volume),
    Size: size(volume.sizeBytes),
    Path: volume.path,
    Created: volume.createdAt,
    Unused: volume.releasedAt && `since ${volume.releasedAt}`,
  });

export const describePool = (pool: PoolDetails): string =>
  card({
    Name: pool.name,
    Engine: pool.engine,
    Path: pool.path,
    State: pool.why ? `${pool.state}: ${pool.why}` : pool.state,
    Disk: `${size(pool.totalBytes)}, ${size(pool.freeBytes)} free`,
    Used: `${size(pool.usedBytes)} by your volumes`,
  });
