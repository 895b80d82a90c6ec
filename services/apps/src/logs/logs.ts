import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/logs';
import { Problem } from '@cep/contracts/problems';
import type { Pool } from 'pg';
import { findApp, getAppView } from '../apps/store.ts';
import type { Engine } from '../engine/engine.ts';
import { statusOf, unavailable } from '../engine/failures.ts';
import type { Engines } from '../engines/registry.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import { follows } from './follow.ts';
import { readLines } from './frames.ts';
import { toLogLine } from './line.ts';
import { merge, mergeByTime } from './merge.ts';

interface Deps {
  readonly db: Pool;
  readonly engines: Engines;
}

/**
 * What the services of an app have printed, by time; when following, then what they print, also in
 * containers that are started or made later, until the app is gone or `signal` aborts.
 *
 * @throws {Problem} `not-found` for an unknown app or service; `unavailable` without the engine
 */
export async function readLogs(
  { db, engines }: Deps,
  { params, query }: Input<typeof contract.readLogs>,
  { caller, signal }: { readonly caller: UserCaller; readonly signal: AbortSignal },
): Promise<AsyncIterable<contract.LogLine>> {
  const view = await getAppView(db, caller.projectId, params.app);
  const names = view.outline.services.map(({ name }) => name);
  const { service, tail, since, follow } = query;
  if (service !== undefined && !names.includes(service)) {
    throw new Problem(
      'not-found',
      `"${params.app}" has no service "${service}", but ${names.join(', ')}.`,
    );
  }
  const { engine } = await engines.of(view.engine);
  const containers = await engine.containers(view.id).catch(unavailable);
  const range = { tail, since, signal };
  if (follow) {
    const isThere = async () => (await findApp(db, view.id)) !== undefined;
    const services = service === undefined ? names : [service];
    return merge(
      services.map((name) => follows({ engine, isThere }, { ...range, appId: view.id, name })),
    );
  }
  const wanted = service === undefined ? names : [service];
  const chosen = containers.filter((each) => wanted.includes(each.service));
  return mergeByTime(chosen.map((each) => printed(engine, each, range)));
}

interface Range {
  readonly tail: number;
  readonly since?: string | undefined;
  readonly signal?: AbortSignal;
}

/** The last lines of one container; none when it has gone meanwhile. */
export async function lastLines(
  engine: Engine,
  container: ObservedContainer,
  range: Range,
): Promise<contract.LogLine[]> {
  const lines: contract.LogLine[] = [];
  for await (const line of printed(engine, container, range)) lines.push(line);
  return lines;
}

async function* printed(engine: Engine, container: ObservedContainer, range: Range) {
  if (range.tail === 0) return;
  try {
    const chunks = await engine.logs(container.id, { ...range, follow: false });
    for await (const line of readLines(chunks)) yield toLogLine(container, line);
  } catch (error) {
    // The client has gone, or the container was removed: there is no more to say.
    if (!range.signal?.aborted && statusOf(error) !== 404) throw error;
  }
}
