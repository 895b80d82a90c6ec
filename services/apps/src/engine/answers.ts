/** What answers of the engine mean besides success. */
import { refused, statusOf } from './failures.ts';
import type { Refusal } from './policy.ts';

/** @returns nothing where the engine says that there is no such thing */
export async function found<T>(request: Promise<T>): Promise<T | undefined> {
  return request.catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
}

/** For `catch`: ignores statuses with which the engine says that the work is already done. */
export const unless =
  (...done: number[]) =>
  (error: unknown): void => {
    if (!done.includes(statusOf(error) ?? 0)) throw error;
  };

/** @throws what the policy has against a payload */
export function enforce(refusal: Refusal | undefined): void {
  if (refusal) throw refused(refusal);
}
