import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import type { Pool } from 'pg';
import { getAppView } from '../apps/store.ts';
import type { Engine } from '../engine/engine.ts';
import { isAway, statusOf, unavailable } from '../engine/failures.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import { type Line, readLines } from './frames.ts';
import { merge } from './merge.ts';

interface Deps {
  readonly db: Pool;
  readonly engine: Engine;
}

/**
 * What the services of an app have printed, by time; when following, then what they print, until
 * their containers end or `signal` aborts.
 *
 * @throws {Problem} `not-found` for an unknown app or service; `unavailable` without the engine
 */
export async function readLogs(
  { db, engine }: Deps,
  { params, query }: Input<typeof contract.readLogs>,
  { caller, signal }: { readonly caller: UserCaller; readonly signal: AbortSignal },
): Promise<AsyncIterable<contract.LogLine>> {
  const view = await getAppView(db, caller.projectId, params.app);
  const names = view.outline.services.map(({ name }) => name);
  const { service, tail, follow } = query;
  if (service !== undefined && !names.includes(service)) {
    throw new Problem(
      'not-found',
      `"${params.app}" has no service "${service}", but ${names.join(', ')}.`,
    );
  }
  const containers = await engine.containers(view.id).catch(unavailable);
  const chosen = containers.filter((each) => service === undefined || each.service === service);
  if (follow) return merge(chosen.map((each) => followed(engine, each, { tail, signal })));
  const past = await Promise.all(chosen.map((each) => lastLines(engine, each, { tail, signal })));
  const sorted = past.flat().sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return toAsync(tail === 0 ? [] : sorted.slice(-tail));
}

interface Range {
  readonly tail: number;
  readonly signal?: AbortSignal;
}

/** The last lines of one container; none when it has gone meanwhile. */
export async function lastLines(
  engine: Engine,
  container: ObservedContainer,
  range: Range,
): Promise<contract.LogLine[]> {
  try {
    const chunks = await engine.logs(container.id, { ...range, follow: false });
    const lines: contract.LogLine[] = [];
    for await (const line of readLines(chunks)) lines.push(toLogLine(container, line));
    return lines;
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  }
}

async function* followed(engine: Engine, container: ObservedContainer, range: Range) {
  try {
    const chunks = await engine.logs(container.id, { ...range, follow: true });
    for await (const line of readLines(chunks)) yield toLogLine(container, line);
  } catch (error) {
    // The client has gone, the container was removed, or the engine ended: there is no more to say.
    if (!range.signal?.aborted && statusOf(error) !== 404 && !isAway(error)) throw error;
  }
}

/** Times are cut to milliseconds, as everywhere else. */
const toLogLine = ({ service }: ObservedContainer, { at, stream, text }: Line) => ({
  service,
  stream,
  at: at.replace(/(\.\d{3})\d*Z$/, '$1Z'),
  text,
});

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
