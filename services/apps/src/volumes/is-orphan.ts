import type { Volume } from '@cep/contracts/volumes';

const DAY_MS = 86_400_000;

type Seen = Pick<Volume, 'state' | 'releasedAt' | 'createdAt'>;

/**
 * Whether no app has used a volume for `days`. One whose app nobody remembers, as after the database was
 * restored, counts from when it was made; one of which not even that is known is none. Pure.
 *
 * @param now  milliseconds since 1970
 */
export function isOrphan({ state, releasedAt, createdAt }: Seen, days: number, now: number) {
  const since = releasedAt ?? createdAt;
  return state !== 'used' && since !== null && now - Date.parse(since) >= days * DAY_MS;
}
