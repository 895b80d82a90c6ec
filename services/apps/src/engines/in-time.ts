/**
 * @param patience  milliseconds
 * @param late  what is thrown when `work` is not done by then; it goes on, and nobody hears of it
 */
export async function inTime<T>(work: Promise<T>, patience: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), patience);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
