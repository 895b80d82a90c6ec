import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '@cep/contracts/logs';
import type { Engine } from '../engine/engine.ts';
import { isAway, statusOf, whenAway } from '../engine/failures.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import { readLines } from './frames.ts';
import { toLogLine } from './line.ts';

interface Source {
  readonly engine: Engine;
  /** Whether there still is such an app. */
  readonly isThere: () => Promise<boolean>;
}

interface Followed {
  readonly appId: string;
  /** Of the service. */
  readonly name: string;
  readonly tail: number;
  readonly since?: string | undefined;
  readonly signal: AbortSignal;
}

/** Until it is looked again whether a container has been started, milliseconds. */
const PAUSE_MS = 500;

/**
 * What one service prints, in whichever container: after an end it goes on with what is started
 * next, where it was. Ends with the app, or when `signal` aborts.
 */
export async function* follows(
  { engine, isThere }: Source,
  { appId, name, tail, since, signal }: Followed,
): AsyncGenerator<LogLine> {
  /** When what was told last was printed: no line is told twice. */
  let last = since ?? '';
  let seen = { id: '', startedAt: 0 };
  let lines = tail;
  while (!signal.aborted) {
    const container = await newest(engine, appId, name);
    const isNew = container && (container.id !== seen.id || container.startedAt > seen.startedAt);
    if (!container || !isNew) {
      if (!(await isThere())) return;
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    seen = container;
    const range = { tail: lines, ...(last && { since: last }), signal };
    for await (const line of attached(engine, container, range)) {
      if (line.at > last) yield toLogLine(container, line);
      last = line.at > last ? line.at : last;
    }
    // From now on nothing is left out.
    lines = -1;
  }
}

async function newest(
  engine: Engine,
  appId: string,
  name: string,
): Promise<ObservedContainer | undefined> {
  const all = await engine.containers(appId).catch(whenAway<ObservedContainer[]>([]));
  const started = all.filter((each) => each.service === name && each.startedAt > 0);
  return started.sort((a, b) => b.startedAt - a.startedAt)[0];
}

async function* attached(
  engine: Engine,
  { id }: ObservedContainer,
  range: Omit<Parameters<Engine['logs']>[1], 'follow'>,
) {
  try {
    yield* readLines(await engine.logs(id, { ...range, follow: true }));
  } catch (error) {
    // The client has gone, the container was removed, or the engine ended.
    if (!range.signal?.aborted && statusOf(error) !== 404 && !isAway(error)) throw error;
  }
}
