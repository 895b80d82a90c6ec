/** Which backups a schedule keeps. Pure; days and weeks are those of UTC, weeks begin on Monday. */
import type { Retention } from '@cep/contracts/backups';

interface Dated {
  readonly created_at: Date;
}

const DAY_MS = 86_400_000;
/** The first day of 1970 was a Thursday. */
const THURSDAY = 3;

const dayOf = ({ created_at }: Dated): number => Math.floor(created_at.getTime() / DAY_MS);
const weekOf = (backup: Dated): number => Math.floor((dayOf(backup) + THURSDAY) / 7);

/**
 * @param backups  newest first
 * @returns those that neither `last`, `daily` nor `weekly` keeps; none when all three are zero
 */
export function expired<B extends Dated>(backups: readonly B[], keep: Retention): B[] {
  if (keep.last + keep.daily + keep.weekly === 0) return [];
  const kept = new Set<B>([
    ...backups.slice(0, keep.last),
    ...newestOf(backups, dayOf, keep.daily),
    ...newestOf(backups, weekOf, keep.weekly),
  ]);
  return backups.filter((each) => !kept.has(each));
}

/** The newest of each of the last `count` periods in which there is one. */
function newestOf<B extends Dated>(
  backups: readonly B[],
  period: (backup: B) => number,
  count: number,
): B[] {
  const first = new Map<number, B>();
  for (const backup of backups) {
    if (!first.has(period(backup))) first.set(period(backup), backup);
  }
  return [...first.values()].slice(0, count);
}
