/** All that an engine in memory has, and what is looked up in it. */
import { COMPLETE } from '../backups/dumps/kind.ts';
import type { Limits, ObservedContainer } from '../reconciler/state.ts';
import { type HelperPayload, VOLUMES } from './helper-payload.ts';
import { LABELS } from './labels.ts';
import type { ContainerPayload } from './payload.ts';
import type { Refusal } from './policy.ts';
import { holdsOf, limitsOf } from './shape.ts';

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly payload: ContainerPayload | HelperPayload;
  state: ObservedContainer['state'];
  exitCode: number;
  startedAt: number;
  finishedAt: number;
  restarts: number;
  limits: Limits;
  /** What was written into it last, and what it goes by since it was started or told. */
  file?: string;
  told?: string;
  /** How often it was told. */
  turns: number;
}

/** Until a container is healthy, or a broken one has ended, milliseconds. */
export const SOON_MS = 4;

export const nameOf = (image: string): string => image.replace(/@.*/, '');

export const failure = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode });

export function enforce(refusal: Refusal | undefined): void {
  if (refusal) throw new Error(refusal.message);
}

export const isHelper = (payload: Container['payload']): payload is HelperPayload =>
  payload.Labels[LABELS.helper] === 'backup';

/** The volumes that a helper works on, by their names in the engine and the template's. */
export const volumesAt = ({ HostConfig }: HelperPayload) =>
  HostConfig.Mounts.flatMap(({ Type, Source, Target }) =>
    Type === 'volume' ? [{ name: Source, volume: Target.slice(VOLUMES.length + 1) }] : [],
  );

export const holds = ({ payload }: Container): string[] => holdsOf(payload.HostConfig);

export const serviceOf = ({ payload }: Container): string => payload.Labels[LABELS.service] ?? '';

/** Whether a dump has its end. */
export const isWhole = (text: string): boolean => text.endsWith(`${COMPLETE}\n`);

export interface Memory {
  readonly containers: Map<string, Container>;
  /** Whose they are, by name. */
  readonly networks: Map<string, string>;
  readonly volumes: Map<string, string>;
  readonly images: Set<string>;
  /** What is in a volume: who wrote there first. A backup has it by the template's names. */
  readonly data: Map<string, string>;
  readonly snapshots: Map<string, Readonly<Record<string, string>>>;
  readonly output: Map<string, readonly string[]>;
  /** Of helpers, by their ids: what of dumps was written into them, by path. */
  readonly pieces: Map<string, Record<string, string>>;
  /** By volume, whom it was given to. */
  readonly owners: Map<string, number>;
  /** Volumes into which a dump was loaded. */
  readonly loaded: Set<string>;
  /** Every volume that was ever made, and what should never be seen. */
  readonly seen: { readonly volumes: Set<string>; readonly sins: string[] };
  /** By volume, the folder that it is bound to. */
  readonly bound: Map<string, string>;
  /** Another one each time. */
  number(): number;
  all(): Container[];
  running(): Container[];
  find(idOrName: string): Container;
  /** What is in a volume is gone. */
  forget(volume: string): void;
  /** The same name again is, to the engine above this, a state to look at. */
  add(name: string, payload: Container['payload']): void;
}

/** @param help  what a helper does, at the end of its time */
export function createMemory(
  help: (memory: Memory, container: Container, payload: HelperPayload) => Container,
): Memory {
  const containers = new Map<string, Container>();
  let count = 0;
  const memory: Memory = {
    containers,
    ...{ networks: new Map(), volumes: new Map(), images: new Set(), data: new Map() },
    ...{ snapshots: new Map(), output: new Map(), pieces: new Map(), bound: new Map() },
    ...{ owners: new Map(), loaded: new Set() },
    seen: { volumes: new Set(), sins: [] },
    number: () => ++count,
    all: () => [...containers.values()].map(settle),
    running: () => memory.all().filter(({ state }) => state === 'running'),
    find(idOrName) {
      const found = memory.all().find(({ id, name }) => id === idOrName || name === idOrName);
      if (found) return found;
      throw failure(404, `No such container: ${idOrName}`);
    },
    forget(volume) {
      for (const things of [memory.data, memory.loaded, memory.owners]) things.delete(volume);
    },
    add(name, payload) {
      const image = nameOf(payload.Image);
      if (!memory.images.has(image)) throw failure(404, `No such image: ${payload.Image}`);
      if (memory.all().some((each) => each.name === name)) return;
      const id = `id-${memory.number()}`;
      const times = { startedAt: 0, finishedAt: 0, exitCode: 0, restarts: 0, turns: 0 };
      const limits = limitsOf(payload.HostConfig);
      containers.set(id, { id, name, payload, limits, state: 'created', ...times });
    },
  };

  /** A program that is broken has ended by now. */
  function settle(container: Container): Container {
    const isOver = Date.now() >= container.startedAt + SOON_MS;
    if (container.state !== 'running' || !isOver) return container;
    if (isHelper(container.payload)) return help(memory, container, container.payload);
    if (!container.payload.Image.startsWith('broken')) return container;
    const isKept = container.limits.restart === 'unless-stopped';
    // Docker has started it again a few times by then, and waits before it does once more.
    const end = isKept ? { state: 'restarting', restarts: 6 } : { state: 'exited' };
    return Object.assign(container, { ...end, exitCode: 4, finishedAt: Date.now() });
  }

  return memory;
}
