/** Holds the latest value for one reader: what was not read yet is replaced, never queued. */
export interface Mailbox<T> extends AsyncIterable<T> {
  put(value: T): void;
  /** Ends the reading, at once; by throwing `failure` when there is one. The first call counts. */
  end(failure?: Error): void;
}

export function createMailbox<T>(): Mailbox<T> {
  let latest: { readonly value: T } | undefined;
  let ended: { readonly failure?: Error | undefined } | undefined;
  let wake = () => {};

  return {
    put(value) {
      latest = { value };
      wake();
    },
    end(failure) {
      ended ??= { failure };
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        if (ended?.failure) throw ended.failure;
        if (ended) return;
        if (latest) {
          const { value } = latest;
          latest = undefined;
          yield value;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
