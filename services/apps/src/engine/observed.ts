import type { ContainerInspectInfo } from 'dockerode';
import type { ObservedContainer } from '../reconciler/state.ts';
import { LABELS } from './labels.ts';

/** What matters of a container, as the engine describes it. */
export function toObserved(detail: ContainerInspectInfo): ObservedContainer {
  const { State: state, Config: config } = detail;
  return {
    id: detail.Id,
    name: detail.Name.replace(/^\//, ''),
    service: config.Labels[LABELS.service] ?? '',
    spec: config.Labels[LABELS.spec] ?? '',
    state: state.Status as ObservedContainer['state'],
    health: (state.Health?.Status ?? 'none') as ObservedContainer['health'],
    exitCode: state.ExitCode,
    outOfMemory: state.OOMKilled,
    startedAt: milliseconds(state.StartedAt),
    finishedAt: milliseconds(state.FinishedAt),
    restarts: detail.RestartCount,
  };
}

/** The engine says "never" by the first day of the first year. */
const milliseconds = (time: string): number => Math.max(0, Date.parse(time) || 0);
