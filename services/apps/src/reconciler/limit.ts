/** Runs at most so many things at once; the others wait in line. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function createLimit(most: number): Limit {
  const line: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running === most) await new Promise<void>((resolve) => line.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next in line; only without one does it become free.
      const next = line.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** A limit for each key, for as long as anything of it waits or runs. */
export function createLimits(most: number): (key: string) => Limit {
  const limits = new Map<string, { readonly limit: Limit; users: number }>();
  return (key) => async (work) => {
    const own = limits.get(key) ?? { limit: createLimit(most), users: 0 };
    limits.set(key, own);
    own.users += 1;
    try {
      return await own.limit(work);
    } finally {
      own.users -= 1;
      if (own.users === 0) limits.delete(key);
    }
  };
}
