import { DatabaseError } from 'pg';

/** Unique, foreign-key, check and exclusion: the constraints that rules are written as. */
const VIOLATIONS: ReadonlySet<string | undefined> = new Set(['23505', '23503', '23514', '23P01']);

/** Whether `error` is Postgres refusing a row under the named constraint. */
export const violates = (error: unknown, constraint: string): boolean =>
  error instanceof DatabaseError && VIOLATIONS.has(error.code) && error.constraint === constraint;
