import type { ContainerInspectInfo } from 'dockerode';
import type { ObservedContainer } from '../reconciler/state.ts';
import { LABELS } from './labels.ts';
import { holdsOf, limitsOf } from './shape.ts';

/**
 * What matters of a container, as the engine describes it.
 *
 * @param networks  names of those that it is on
 */
export function toObserved(
  detail: ContainerInspectInfo,
  networks: readonly string[],
): ObservedContainer {
  const { State: state, Config: config, HostConfig: host } = detail;
  return {
    id: detail.Id,
    name: detail.Name.replace(/^\//, ''),
    service: config.Labels[LABELS.service] ?? '',
    spec: config.Labels[LABELS.spec] ?? '',
    state: state.Status as ObservedContainer['state'],
    health: healthOf(state.Health),
    exitCode: state.ExitCode,
    outOfMemory: state.OOMKilled,
    startedAt: milliseconds(state.StartedAt),
    finishedAt: milliseconds(state.FinishedAt),
    restarts: detail.RestartCount,
    holds: holdsOf(host),
    networks,
    limits: limitsOf(host),
  };
}

/**
 * Docker says "unhealthy" also where it has merely stopped looking, as while a container is paused, and
 * until it has looked again (moby, `container/health.go`): then no look in a row has failed.
 */
function healthOf(health: ContainerInspectInfo['State']['Health']): ObservedContainer['health'] {
  if (!health) return 'none';
  if (health.Status !== 'unhealthy' || health.FailingStreak > 0)
    return health.Status as ObservedContainer['health'];
  return health.Log?.at(-1)?.ExitCode === 0 ? 'healthy' : 'starting';
}

/** The engine says "never" by the first day of the first year. */
const milliseconds = (time: string): number => Math.max(0, Date.parse(time) || 0);
