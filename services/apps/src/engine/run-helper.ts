/** Runs a container of cep's own on an engine; how far it is is seen there, so that nothing is done twice. */
import type { File } from '../compose/model.ts';
import { readLines } from '../logs/frames.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Engine } from './engine.ts';

interface Deps {
  readonly engine: Engine;
  readonly pull: (image: string) => Promise<void>;
}

export interface Helper {
  readonly name: string;
  readonly image: string;
  /** Asks the engine for the container, past the policy. */
  readonly create: () => Promise<void>;
  /** Put into the container before it starts: they are nowhere else. */
  readonly files?: readonly File[];
  /** So many of the last lines that it prints are wanted. */
  readonly tail?: number;
  /** Puts more into it, as long as it has not started; again is only well in one that is new. */
  readonly prepare?: () => Promise<void>;
}

export interface Ended {
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** The last of what it printed. */
  readonly lines: readonly string[];
}

export type Helped =
  | { readonly is: 'running'; readonly lines: readonly string[] }
  /** Something was done about it: look again. */
  | { readonly is: 'moved' }
  | { readonly is: 'ended'; readonly ended: Ended };

/** So many lines of what it printed are read unless told: the rest is progress. */
const LAST_LINES = 40;

/**
 * Does the next thing so that a helper comes to its end; after a crash at any point it goes on.
 *
 * @param containers  those that it may be among, as the engine has them
 */
export async function runHelper(
  { engine, pull }: Deps,
  { name, image, create, files = [], tail = LAST_LINES, prepare }: Helper,
  containers: readonly ObservedContainer[],
): Promise<Helped> {
  const found = containers.find((each) => each.name === name);
  if (!found) {
    if (!(await engine.hasImage(image))) await pull(image);
    await create();
    if (!prepare) return { is: 'moved' };
    await prepare();
    return begin(engine, name, files);
  }
  switch (found.state) {
    case 'created':
      if (!prepare) return begin(engine, name, files);
      // Nobody knows how much of it was put there.
      await engine.remove(found.id, { volumes: true });
      return { is: 'moved' };
    case 'dead':
      await engine.remove(found.id, { volumes: true });
      return { is: 'moved' };
    case 'exited': {
      const lines = await linesOf(engine, found.id, tail);
      const { exitCode, outOfMemory } = found;
      return { is: 'ended', ended: { exitCode, outOfMemory, lines } };
    }
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
      return { is: 'running', lines: await linesOf(engine, found.id, LAST_LINES) };
  }
}

async function begin(engine: Engine, name: string, files: readonly File[]): Promise<Helped> {
  await engine.writeFiles(name, files);
  await engine.start(name);
  return { is: 'moved' };
}

async function linesOf(engine: Engine, id: string, tail: number): Promise<string[]> {
  const lines: string[] = [];
  const chunks = await engine.logs(id, { follow: false, tail });
  for await (const { text } of readLines(chunks)) lines.push(text);
  return lines;
}
