/**
 * What is asked about one app is answered by a look at that app; while many are asked about, by one
 * look at all of them, since that costs an engine little more.
 */
export interface Looks<T> {
  readonly one: (appId: string) => Promise<readonly T[]>;
  readonly all: () => Promise<readonly T[]>;
  readonly appOf: (thing: T) => string | undefined;
}

/** So many apps are looked at one by one at the same time. */
const AT_ONCE = 4;

/** @returns the things of an app, by a look that began after this was called */
export function sharing<T>({ one, all, appOf }: Looks<T>) {
  let alone = 0;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<ReadonlyMap<string, readonly T[]>> | undefined;

  function lookAtAll() {
    next ??= last.then(() => {
      // Who comes from here on may know of what this look does not see any more.
      next = undefined;
      const look = all().then((things) => byApp(things, appOf));
      last = look.catch(() => {});
      return look;
    });
    return next;
  }

  return async (appId: string): Promise<readonly T[]> => {
    if (alone === AT_ONCE) return (await lookAtAll()).get(appId) ?? [];
    alone += 1;
    try {
      return await one(appId);
    } finally {
      alone -= 1;
    }
  };
}

function byApp<T>(things: readonly T[], appOf: Looks<T>['appOf']): Map<string, T[]> {
  const apps = new Map<string, T[]>();
  for (const thing of things) {
    const app = appOf(thing);
    if (app === undefined) continue;
    apps.set(app, [...(apps.get(app) ?? []), thing]);
  }
  return apps;
}
