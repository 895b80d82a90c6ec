/** What an app should be in the engine, and what it is there: all that the planner knows. */
import type { Dependency, Service } from '../compose/model.ts';

export interface Desired {
  /** `destroyed`: nothing of the app is to be left, but its volumes unless {@link removeVolumes}. */
  readonly wanted: 'running' | 'destroyed';
  readonly removeVolumes: boolean;
  /** Names in the engine. */
  readonly network: string;
  readonly volumes: readonly string[];
  readonly containers: readonly DesiredContainer[];
  /** When somebody last asked for it, in milliseconds since 1970; 0 when nobody waits for it. */
  readonly askedAt: number;
}

export interface DesiredContainer {
  /** The container's name in the engine. */
  readonly name: string;
  readonly service: string;
  readonly image: string;
  readonly spec: string;
  readonly restart: Service['restart'];
  readonly dependsOn: readonly Dependency[];
  /** Services that it shares something of: the engine makes it only when their containers are there. */
  readonly sharesWith?: readonly string[];
  /** Milliseconds from start until it must be healthy; null: it has no health check. */
  readonly healthDeadline: number | null;
}

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly spec: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** Milliseconds since 1970; 0: never. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** How often the engine has started it again by itself. */
  readonly restarts: number;
}

export interface Observed {
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Images of containers that are still to be made, and are not here. */
  readonly missingImages: readonly string[];
}

/** The container that is just what is wanted. */
export const current = (
  { name, spec }: DesiredContainer,
  { containers }: Observed,
): ObservedContainer | undefined =>
  containers.find((container) => container.name === name && container.spec === spec);

/** Whether a container has done all that it had to do, and may rest. */
export const isDone = ({ restart }: DesiredContainer, container: ObservedContainer): boolean =>
  container.state === 'exited' &&
  container.exitCode === 0 &&
  (restart === 'no' || restart === 'on-failure');
