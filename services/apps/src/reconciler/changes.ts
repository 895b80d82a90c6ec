/** What is changed of containers as they are: their limits. Pure. */
import {
  current,
  type Desired,
  differing,
  type Observed,
  type ObservedContainer,
} from './state.ts';
import { keyOf, type Step, step } from './step.ts';

/** @returns updates of the containers that stay, each after its stop if it has one in `before` */
export function updates(desired: Desired, observed: Observed, before: readonly Step[]): Step[] {
  const findStep = (key: string) => before.find((each) => keyOf(each) === key);
  return desired.containers.flatMap((each) => {
    const container = current(each, observed);
    if (!container || container.state === 'removing') return [];
    const { id, name } = container;
    // One that is about to be changed otherwise is looked at again then.
    if (findStep(`remove ${id}`) || findStep(`update ${id}`)) return [];
    if (differing(each, container).length === 0) return [];
    const stop = findStep(`stop ${id}`);
    return step({ do: 'update', id, name, limits: each.limits }, stop ? [stop] : []);
  });
}

/**
 * @returns what is done before a container is stopped: one that the engine starts again and again could
 *   come back between the stop and its end. Before its next start it gets back what it had
 */
export const calming = ({ id, name, restarts, state, limits }: ObservedContainer): Step[] =>
  (restarts > 0 || state === 'restarting') && limits.restart !== 'no'
    ? [step({ do: 'update', id, name, limits: { restart: 'no' } })]
    : [];
