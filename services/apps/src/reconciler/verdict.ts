/** Judges an app by what the engine shows of it. Pure: the time is an argument. */
import { FRONT } from '../front/front.ts';
import {
  current,
  type Desired,
  type DesiredContainer,
  isDone,
  needsStart,
  type Observed,
  type ObservedContainer,
} from './state.ts';

/** So often may a container be started again before its app is said to have failed. */
const FORGIVEN_RESTARTS = 5;

/** A container that was started again has to stay up for this long to count as running. */
const STABLE_MS = 2_000;

/** What a container died of, or `paused` by somebody's hand. */
export type Trouble = 'exited' | 'out-of-memory' | 'unhealthy' | 'paused';

export type Verdict =
  | { readonly is: 'running' }
  /** `lookAgainIn`: milliseconds after which time alone may have changed the verdict. */
  | { readonly is: 'starting'; readonly lookAgainIn?: number }
  | { readonly is: 'failed'; readonly trouble: Trouble; readonly container: ObservedContainer };

/**
 * The worst of what its containers are: one that failed counts more than any that still start. Of one
 * that is optional it is enough to have tried.
 */
export function judge(desired: Desired, observed: Observed, now: number): Verdict {
  const verdicts = desired.containers.map((each): Verdict => {
    const verdict = judgeOne({ desired, now }, each, current(each, observed));
    return verdict.is === 'failed' && each.optional ? { is: 'running' } : verdict;
  });
  const failed = verdicts.find((verdict) => verdict.is === 'failed');
  if (failed) return failed;
  const starting = verdicts.filter((verdict) => verdict.is === 'starting');
  if (starting.length === 0) return { is: 'running' };
  const waits = starting.flatMap(({ lookAgainIn }) => lookAgainIn ?? []);
  return waits.length > 0
    ? { is: 'starting', lookAgainIn: Math.min(...waits) }
    : { is: 'starting' };
}

interface Moment {
  readonly desired: Desired;
  readonly now: number;
}

function judgeOne(
  moment: Moment,
  desired: DesiredContainer,
  container: ObservedContainer | undefined,
): Verdict {
  const app = moment.desired;
  if (!container) return { is: 'starting' };
  const failed = (trouble: Trouble): Verdict => ({ is: 'failed', trouble, container });
  switch (container.state) {
    case 'created':
    case 'removing':
    case 'dead':
      return { is: 'starting' };
    case 'paused':
      return failed('paused');
    case 'exited':
      if (isDone(app, desired, container)) return { is: 'running' };
      return needsStart(app, desired, container) ? { is: 'starting' } : failed(causeOf(container));
    case 'restarting':
      return container.restarts < FORGIVEN_RESTARTS
        ? { is: 'starting' }
        : failed(causeOf(container));
    case 'running':
      return judgeRunning(moment, desired, container);
  }
}

function judgeRunning(
  { desired: app, now }: Moment,
  desired: DesiredContainer,
  container: ObservedContainer,
): Verdict {
  const { health, startedAt, restarts } = container;
  if (health === 'unhealthy') return { is: 'failed', trouble: 'unhealthy', container };
  if (desired.healthDeadline !== null && health !== 'healthy') {
    const left = startedAt + desired.healthDeadline - now;
    if (left > 0) return { is: 'starting', lookAgainIn: left };
    return { is: 'failed', trouble: 'unhealthy', container };
  }
  // The front proves itself when it is told where to: see front/point.ts.
  const isProven = desired.healthDeadline !== null || desired.service === FRONT;
  const unproven = isProven ? 0 : app.observe;
  const steadyAt = startedAt + Math.max(unproven, restarts > 0 ? STABLE_MS : 0);
  if (steadyAt > now) return { is: 'starting', lookAgainIn: steadyAt - now };
  return { is: 'running' };
}

const causeOf = ({ outOfMemory }: ObservedContainer): Trouble =>
  outOfMemory ? 'out-of-memory' : 'exited';
