import { wrongUsage } from '../failure.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/**
 * `10m` before `now`, or a time as it is, as RFC 3339.
 *
 * @throws {CLIError} for anything else
 */
export function parseSince(text: string, now: Date): string {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount && unit) {
    const seconds = Number(amount) * SECONDS[unit as keyof typeof SECONDS];
    return new Date(now.getTime() - seconds * 1000).toISOString();
  }
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw wrongUsage(
    `--since takes 30s, 10m, 2h, 1d or a time such as 2026-01-31T12:00, not "${text}".`,
  );
}
