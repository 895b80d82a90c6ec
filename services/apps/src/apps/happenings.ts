/** What happens to apps, as the engine tells it. */
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/happenings';
import type { EngineEvent } from '../engine/events.ts';
import { unavailable } from '../engine/failures.ts';
import { LOCAL } from '../engines/local.ts';
import { merge, mergeByTime } from '../logs/merge.ts';
import type { Deps } from './deps.ts';
import { getAppView } from './store.ts';

const HOUR_MS = 3_600_000;

/**
 * The last hour unless `since` says otherwise; an engine remembers the last few hundred. Without an
 * app, of all engines that are reached.
 */
export async function watchHappenings(
  { db, engines }: Deps,
  { query }: Input<typeof contract.watchHappenings>,
  { caller, signal }: { readonly caller: UserCaller; readonly signal: AbortSignal },
): Promise<AsyncIterable<contract.Happening>> {
  const { projectId } = caller;
  const app = query.app === undefined ? undefined : await getAppView(db, projectId, query.app);
  const since = query.since === undefined ? new Date(Date.now() - HOUR_MS) : new Date(query.since);
  const range = { projectId, since, follow: query.follow, signal };
  const reached = app ? [await engines.of(app.engine)] : engines.reached();
  const asked = reached.length > 0 ? reached : [await engines.of(LOCAL)];
  const told = await Promise.all(
    asked.map(({ engine }) => engine.history(range).catch(unavailable)),
  );
  return happenings(query.follow ? merge(told) : mergeByTime(told), app?.id);
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
