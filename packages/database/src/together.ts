/**
 * Statements of one transaction of which none needs what another returns: they are sent one behind the
 * other, and what they return comes back in one go. PostgreSQL runs them in the order in which they
 * were made, so they may rely on what those before them wrote.
 *
 * @returns what each returned, when all of them have ended
 * @throws what the first that failed threw; those behind it failed because of it
 */
export async function together<T extends readonly unknown[]>(
  ...statements: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const outcomes = await Promise.allSettled(statements);
  // Promise.all alone would throw what is caught first, which need not be what went wrong first.
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return Promise.all(statements);
}
