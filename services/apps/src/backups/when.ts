/** When the next backup of a schedule is due. Pure; in UTC. */
export interface When {
  readonly every_hours: number | null;
  /** e.g. `03:30`. */
  readonly daily_at: string | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** @returns later than `now`; what was missed while nothing ran is not made up for */
export function nextAt({ every_hours: hours, daily_at: daily }: When, now: Date): Date {
  if (daily === null) return new Date(now.getTime() + (hours ?? 24) * HOUR_MS);
  const [hour = 0, minute = 0] = daily.split(':').map(Number);
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS + (hour * 60 + minute) * 60_000;
  return new Date(today > now.getTime() ? today : today + DAY_MS);
}
