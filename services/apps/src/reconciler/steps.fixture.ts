/** Services and containers as tests of the planner speak of them. */
import type { Desired, DesiredContainer, Limits, Observed, ObservedContainer } from './state.ts';
import { keyOf, type Step } from './step.ts';

export const limits: Limits = {
  ...{ memoryBytes: 256, memoryReservationBytes: 0, cpuQuota: 1000, cpuShares: 0, pids: 512 },
  ...{ restart: 'unless-stopped', restartLimit: 0 },
};

export const service = (name: string, more: Partial<DesiredContainer> = {}): DesiredContainer => ({
  name: `c-${name}`,
  service: name,
  image: `${name}:1`,
  pull: 'missing',
  spec: 'v1:a',
  restart: 'unless-stopped',
  dependsOn: [],
  healthDeadline: null,
  holds: [],
  limits,
  networks: [],
  ...more,
});

export const container = (
  name: string,
  more: Partial<ObservedContainer> = {},
): ObservedContainer => ({
  id: `id-${name}`,
  name: `c-${name}`,
  service: name,
  spec: 'v1:a',
  state: 'running',
  health: 'none',
  exitCode: 0,
  outOfMemory: false,
  startedAt: 1,
  finishedAt: 0,
  restarts: 0,
  holds: [],
  limits,
  networks: [],
  ...more,
});

export const desired = (...containers: DesiredContainer[]): Desired => ({
  wanted: 'running',
  removeVolumes: false,
  network: 'net',
  volumes: ['vol'],
  owned: [],
  containers,
  unlocked: [],
  kept: [],
  askedAt: 0,
  interruptedAt: 0,
  restartAt: 0,
  observe: 0,
});

export const observed = (...containers: ObservedContainer[]): Observed => ({
  containers,
  networks: ['net'],
  volumes: ['vol'],
  unowned: [],
  missingImages: [],
});

/** Each step with those that it comes after. */
export const show = (steps: readonly Step[]) =>
  steps.map((step) => [keyOf(step), ...step.after].join(' < '));
