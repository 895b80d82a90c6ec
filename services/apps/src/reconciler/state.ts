/** What an app should be in the engine, and what it is there: all that the planner knows. */
import type { Dependency, Service } from '../compose/model.ts';

export interface Desired {
  /**
   * `stopped`: its containers are there and rest. `destroyed`: nothing of the app is to be left, but
   * its volumes unless {@link removeVolumes}.
   */
  readonly wanted: 'running' | 'stopped' | 'destroyed';
  readonly removeVolumes: boolean;
  /** Names in the engine. */
  readonly network: string;
  readonly volumes: readonly string[];
  /** Those of them that are given to somebody when they are new. */
  readonly owned: readonly string[];
  readonly containers: readonly DesiredContainer[];
  /** Names of images of which it is not kept yet what they stand for, and when each is pulled. */
  readonly unlocked: readonly { readonly image: string; readonly pull: Pull }[];
  /** Those of the last good generation, which stay until this one is good. */
  readonly kept: readonly Identity[];
  /** When somebody last asked for it, in milliseconds since 1970; 0 when nobody waits for it. */
  readonly askedAt: number;
  /** What ran then and has ended since was stopped by cep: it has not ended by itself. */
  readonly interruptedAt: number;
  /** What was started before is to be started anew. */
  readonly restartAt: number;
  /** Milliseconds for which a container without health check must stay up to count as running. */
  readonly observe: number;
}

/** `missing`: when it is not here. */
export type Pull = 'always' | 'missing' | 'never';

export interface Identity {
  readonly service: string;
  /** Of what the engine was asked to create, e.g. `v1:9f86d0…`. */
  readonly spec: string;
}

/** What can be changed of a container while it stays the same, by cep or behind its back; 0: none. */
export interface Limits {
  readonly memoryBytes: number;
  readonly memoryReservationBytes: number;
  /** Microseconds of every tenth of a second. */
  readonly cpuQuota: number;
  readonly cpuShares: number;
  readonly pids: number;
  readonly restart: string;
  /** How often the engine starts it again. */
  readonly restartLimit: number;
}

export interface DesiredContainer extends Identity {
  /** The container's name in the engine. */
  readonly name: string;
  /** By digest, once that is kept. */
  readonly image: string;
  readonly pull: Pull;
  readonly restart: Service['restart'];
  readonly dependsOn: readonly Dependency[];
  /** Services that it shares something of: the engine makes it only when their containers are there. */
  readonly sharesWith?: readonly string[];
  /** Milliseconds from start until it must be healthy; null: it has no health check. */
  readonly healthDeadline: number | null;
  /** Volumes that it writes and ports that it publishes: not for two generations at once. */
  readonly holds: readonly string[];
  /** The app does not fail with it. */
  readonly optional?: boolean;
  /** Not beside one of another generation, though they hold nothing in common. */
  readonly stopFirst?: boolean;
  readonly limits: Limits;
  /** By name. */
  readonly networks: readonly string[];
}

export interface ObservedContainer extends Identity {
  readonly id: string;
  readonly name: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** Milliseconds since 1970; 0: never. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** How often the engine has started it again by itself. */
  readonly restarts: number;
  /** As {@link DesiredContainer.holds}. */
  readonly holds: readonly string[];
  readonly limits: Limits;
  /** By name; also those that somebody has added. */
  readonly networks: readonly string[];
}

export interface Observed {
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Those that are still to be given to their owner. */
  readonly unowned: readonly string[];
  /** Images of containers that are still to be made, and are not here. */
  readonly missingImages: readonly string[];
}

/**
 * The container that is what is wanted, or can become so as it is, whichever generation made it; best one
 * that runs.
 */
export function current(
  desired: DesiredContainer,
  { containers }: Observed,
): ObservedContainer | undefined {
  const same = containers.filter((each) => isSame(each, desired) && canBecome(desired, each));
  return same.find(({ state }) => state === 'running') ?? same[0];
}

/** The engine changes limits, but takes none away; what is sick under its limits is to begin anew. */
function canBecome(desired: DesiredContainer, container: ObservedContainer): boolean {
  // Its restart policy is what cep itself changes of one that is to be stopped.
  const differ = differing(desired, container).filter((key) => !/^restart/.test(key));
  return (
    lostNetworks(desired, container).length === 0 &&
    differ.every((key) => desired.limits[key] !== 0) &&
    (differ.length === 0 || !isSick(container))
  );
}

export const isSick = ({ state, health }: ObservedContainer): boolean =>
  state === 'restarting' || (state === 'running' && health === 'unhealthy');

const LIMITS = [
  'memoryBytes',
  'memoryReservationBytes',
  'cpuQuota',
  'cpuShares',
  'pids',
  'restart',
  'restartLimit',
] as const satisfies readonly (keyof Limits)[];

type Limited = Pick<ObservedContainer, 'limits'>;

/** @returns the limits that are not as they should be */
export const differing = (desired: Limited, { limits }: Limited): (keyof Limits)[] =>
  LIMITS.filter((key) => limits[key] !== desired.limits[key]);

/** @returns those of its networks that it is not on */
export const lostNetworks = (desired: DesiredContainer, container: ObservedContainer): string[] =>
  desired.networks.filter((network) => !container.networks.includes(network));

export const isSame = (a: Identity, b: Identity): boolean =>
  a.service === b.service && a.spec === b.spec;

/** Whether it has ended since cep asked it to, and not by itself. */
const wasInterrupted = ({ interruptedAt }: Desired, container: ObservedContainer): boolean =>
  container.startedAt < interruptedAt && container.finishedAt >= interruptedAt;

/** Whether a container has done all that it had to do, and may rest. */
export const isDone = (
  app: Desired,
  { restart }: DesiredContainer,
  container: ObservedContainer,
): boolean =>
  container.state === 'exited' &&
  container.exitCode === 0 &&
  (restart === 'no' || restart === 'on-failure') &&
  !wasInterrupted(app, container);

/** Whether a container that rests is to be started. What ended by itself is left until asked. */
export function needsStart(
  app: Desired,
  desired: DesiredContainer,
  container: ObservedContainer,
): boolean {
  if (container.state === 'created') return true;
  if (container.state !== 'exited' || isDone(app, desired, container)) return false;
  if (wasInterrupted(app, container)) return true;
  const endsByItself = desired.restart === 'no' || desired.restart === 'on-failure';
  return !endsByItself || container.finishedAt < app.askedAt;
}

const ACTIVE = ['running', 'restarting', 'paused'];

/** Whether it may be using what it holds. */
export const isActive = ({ state }: ObservedContainer): boolean => ACTIVE.includes(state);

/** Whether it runs since before somebody asked to start it anew. */
export const isStale = ({ restartAt }: Desired, container: ObservedContainer): boolean =>
  isActive(container) && container.startedAt < restartAt;
