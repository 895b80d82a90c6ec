/** Yields from all sources as they come, each in its own order; ends when all of them have. */
export async function* merge<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const waiting = new Map(iterators.map((iterator) => [iterator, next(iterator)]));
  try {
    while (waiting.size > 0) {
      const { iterator, result } = await Promise.race(waiting.values());
      if (result.done) waiting.delete(iterator);
      else {
        waiting.set(iterator, next(iterator));
        yield result.value;
      }
    }
  } finally {
    // Those that still wait for something end with the signal that their makers hold, most by throwing
    // what nobody is left to hear.
    for (const [iterator, pending] of waiting) {
      pending.then(() => iterator.return?.()).catch(() => {});
    }
  }
}

async function next<T>(iterator: AsyncIterator<T>) {
  return { iterator, result: await iterator.next() };
}

/** Yields the earliest first, of sources that each are in order; holds one item of each. */
export async function* mergeByTime<T extends { readonly at: string }>(
  sources: readonly AsyncIterable<T>[],
): AsyncGenerator<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => next(iterator)));
  try {
    for (;;) {
      const left = heads.filter(({ result }) => !result.done);
      const first = left.sort((a, b) => (a.result.value.at < b.result.value.at ? -1 : 1))[0];
      if (!first) return;
      yield first.result.value;
      heads[heads.indexOf(first)] = await next(first.iterator);
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}
