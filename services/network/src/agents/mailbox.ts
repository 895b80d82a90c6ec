/** Holds the latest value for one reader: what was not read yet is replaced, never queued. */
export interface Mailbox<T> extends AsyncIterable<T> {
  put(value: T): void;
  /** Ends the reading, at once; by throwing `failure` when there is one. The first call counts. */
  end(failure?: Error): void;
}

/**
 * No generator: one would hold what it gave last until it is asked for more, and here that is a bundle
 * for each host.
 *
 * @param closed  called once, when nobody reads any more
 */
export function createMailbox<T>(closed: () => void): Mailbox<T> {
  let latest: { readonly value: T } | undefined;
  let ended: { readonly failure?: Error | undefined } | undefined;
  let isClosed = false;
  let wake = () => {};

  function close(): IteratorReturnResult<undefined> {
    if (!isClosed) closed();
    isClosed = true;
    return { done: true, value: undefined };
  }

  function take(): IteratorResult<T, undefined> | undefined {
    if (ended) {
      const end = close();
      if (ended.failure) throw ended.failure;
      return end;
    }
    if (latest === undefined) return undefined;
    const { value } = latest;
    latest = undefined;
    return { done: false, value };
  }

  return {
    put(value) {
      latest = { value };
      wake();
    },
    end(failure) {
      ended ??= { failure };
      wake();
    },
    [Symbol.asyncIterator]: () => ({
      async next() {
        for (;;) {
          const taken = take();
          if (taken) return taken;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      return: async () => close(),
    }),
  };
}
