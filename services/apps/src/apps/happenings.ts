/** What happens to apps, as the engine tells it. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/happenings';
import type { EngineEvent } from '../engine/events.ts';
import { unavailable } from '../engine/failures.ts';
import { LOCAL } from '../engines/local.ts';
import type { Engines } from '../engines/registry.ts';
import { merge, mergeByTime } from '../logs/merge.ts';
import type { Deps } from './deps.ts';
import { keepFollowing } from './keep-following.ts';
import { getAppView } from './store.ts';

const HOUR_MS = 3_600_000;

/**
 * The last hour unless `since` says otherwise; an engine remembers the last few hundred. Without an
 * app, of all engines: of one that is lost, when following, as soon as it is back.
 *
 * @throws {Problem} `unavailable` when none that is asked is reached
 */
export async function watchHappenings(
  { db, engines }: Deps,
  { query }: Input<typeof contract.watchHappenings>,
  { caller, signal }: { readonly caller: UserCaller; readonly signal: AbortSignal },
): Promise<AsyncIterable<contract.Happening>> {
  const { projectId } = caller;
  const app = query.app === undefined ? undefined : await getAppView(db, projectId, query.app);
  const since = query.since === undefined ? new Date(Date.now() - HOUR_MS) : new Date(query.since);
  const range = { projectId, since, signal };
  const names = app ? [app.engine] : findReached(engines);
  const told = await Promise.all(
    names.map(async (name) => {
      const { engine } = await engines.of(name);
      return engine.history({ ...range, follow: query.follow }).catch(unavailable);
    }),
  );
  if (!query.follow) return happenings(mergeByTime(told), app?.id);
  const others = app ? [] : engines.names().filter((name) => !names.includes(name));
  const all = [...names, ...others].map((name, n) => keepFollowing(engines, name, range, told[n]));
  return happenings(merge(all), app?.id);
}

/** Somebody has to say why when there is none. */
function findReached(engines: Engines): string[] {
  const names = engines.reached().map(({ name }) => name);
  return names.length > 0 ? names : [LOCAL];
}

async function* happenings(events: AsyncIterable<EngineEvent>, appId: string | undefined) {
  for await (const event of events) {
    if (appId !== undefined && event.appId !== appId) continue;
    // One of cep's own, which works on backups.
    if (event.service === '') continue;
    const { app, service, action: what, exitCode, at } = event;
    yield { app, service, what, exitCode, at };
  }
}
