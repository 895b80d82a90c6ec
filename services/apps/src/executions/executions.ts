/**
 * Programs that people run in containers. Output streams back in the reply; each piece of input is a
 * request of its own, so that who may not any more is cut off at once.
 */
import { randomUUID } from 'node:crypto';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input, StreamEvent } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/executions';
import { Problem } from '@cep/contracts/problems';
import type { Pool } from 'pg';
import { getAppView } from '../apps/store.ts';
import type { Engine } from '../engine/engine.ts';
import type { Execution } from '../engine/exec.ts';
import { unavailable } from '../engine/failures.ts';
import type { Engines } from '../engines/registry.ts';
import { readFrames } from '../logs/frames.ts';

interface Deps {
  readonly db: Pool;
  readonly engines: Engines;
}

interface Running extends Execution {
  readonly userId: string;
  readonly projectId: string;
}

type Told = StreamEvent<typeof contract.execute>;

interface Call {
  readonly caller: UserCaller;
  readonly signal: AbortSignal;
}

export function createExecutions({ db, engines }: Deps) {
  const running = new Map<string, Running>();

  /** Tells the id first, then what is printed, then the exit code. */
  async function* tell(execution: Running, isTerminal: boolean, signal: AbortSignal) {
    const id = randomUUID();
    const { stream } = execution;
    running.set(id, execution);
    const leave = () => stream.destroy();
    signal.addEventListener('abort', leave, { once: true });
    try {
      yield { execution: id } satisfies Told;
      for await (const piece of piecesOf(stream, isTerminal)) yield piece;
      yield { exitCode: await execution.exitCode() } satisfies Told;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      running.delete(id);
      signal.removeEventListener('abort', leave);
      stream.destroy();
    }
  }

  return {
    /**
     * Runs a program until it ends or the caller goes away.
     *
     * @throws {Problem} `not-found` for an unknown app or service, or one that does not run
     */
    async execute(
      { params, body }: Input<typeof contract.execute>,
      { caller, signal }: Call,
    ): Promise<AsyncIterable<Told>> {
      const { userId, projectId } = caller;
      const { engine, ...inside } = await findContainer(
        { db, engines },
        { caller, ...params, service: body.service },
      );
      const { command, terminal, input } = body;
      const started = await engine.exec(inside, { command, terminal, input }).catch(unavailable);
      return tell({ ...started, userId, projectId }, terminal !== undefined, signal);
    },
    /** @throws {Problem} `not-found` for a program that has ended, or is another's */
    async steer(
      { params, body }: Input<typeof contract.steerExecution>,
      { userId, projectId }: UserCaller,
    ): Promise<void> {
      const execution = running.get(params.execution);
      if (!execution || execution.userId !== userId || execution.projectId !== projectId) {
        throw new Problem('not-found', 'There is no such program any more.');
      }
      const { data, end, size } = body;
      if (size) await execution.resize(size);
      if (data) await write(execution, Buffer.from(data, 'base64'));
      if (end) execution.stream.end();
    },
  };
}

export type Executions = ReturnType<typeof createExecutions>;

/** Resolves when the program takes more, so that a slow one slows its input. */
function write({ stream }: Execution, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) return resolve();
    stream.once('close', resolve);
    stream.write(bytes, () => {
      stream.off('close', resolve);
      resolve();
    });
  });
}

async function* piecesOf(
  stream: AsyncIterable<Uint8Array>,
  isTerminal: boolean,
): AsyncGenerator<Told> {
  if (isTerminal) {
    for await (const bytes of stream) yield { stream: 'stdout', data: base64(bytes) };
    return;
  }
  for await (const { stream: name, bytes } of readFrames(stream)) {
    yield { stream: name, data: base64(bytes) };
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

interface Where {
  readonly caller: UserCaller;
  readonly app: string;
  readonly service: string | undefined;
}

/** @returns the running container of a service; of the first service when none is named */
async function findContainer(
  { db, engines }: Deps,
  { caller, app, service }: Where,
): Promise<{ engine: Engine; appId: string; id: string }> {
  const { id, outline, engine: on } = await getAppView(db, caller.projectId, app);
  const names = outline.services.map(({ name }) => name);
  const name = service ?? names[0];
  if (name === undefined || !names.includes(name)) {
    throw new Problem('not-found', `"${app}" has no service "${name}", but ${names.join(', ')}.`);
  }
  const { engine } = await engines.of(on);
  const containers = await engine.containers(id).catch(unavailable);
  const running = containers
    .filter((each) => each.service === name && each.state === 'running')
    .sort((a, b) => b.startedAt - a.startedAt)[0];
  if (running) return { engine, appId: id, id: running.id };
  throw new Problem('not-found', `"${name}" of "${app}" does not run. See "cep apps show ${app}".`);
}
