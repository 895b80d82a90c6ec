/** Which containers can be started now, and what has to make room for them first. Pure. */
import { calming } from './changes.ts';
import {
  current,
  type Desired,
  type DesiredContainer,
  isActive,
  isDone,
  isStale,
  needsStart,
  type Observed,
  type ObservedContainer,
} from './state.ts';
import { keyOf, type Step, step } from './step.ts';

interface View {
  readonly desired: Desired;
  readonly observed: Observed;
  /** All other steps of the plan. */
  readonly before: readonly Step[];
}

/**
 * @returns starts of containers whose gates are open, each after the stops of what holds the same
 *   volume or port: an old container runs until the moment at which its successor can start
 */
export function starts(view: View): Step[] {
  const { desired, observed, before } = view;
  const starting = new Map<string, Step>();
  const stops = new Map<string, Step>();
  const settled = new Set<string>();

  /** Plans the start of a service, unless it runs or has to wait. */
  const visit = (each: DesiredContainer): void => {
    if (settled.has(each.service)) return;
    settled.add(each.service);
    if (isUp(view, each)) return;
    const gates = each.dependsOn.map(({ service, condition }) => {
      const other = desired.containers.find((candidate) => candidate.service === service);
      if (!other) return true;
      visit(other);
      const start = starting.get(service);
      return start ? condition === 'started' && start : isOpen(view, other, condition);
    });
    if (!gates.every(Boolean)) return;
    const room = inTheWay(view, each);
    for (const other of room) {
      const { id, name } = other;
      if (stops.has(id)) continue;
      const calm = calming(other);
      for (const one of calm) stops.set(keyOf(one), one);
      // The successor is there first, so that the gap is no longer than a stop and a start.
      stops.set(id, step({ do: 'stop', id, name }, [...before.filter(makes(each)), ...calm]));
    }
    const own = current(each, observed)?.id;
    const after = [
      ...before.filter(concerns(each, own)),
      ...room.flatMap(({ id }) => stops.get(id) ?? []),
      ...gates.filter((gate): gate is Step => typeof gate === 'object'),
    ];
    starting.set(each.service, step({ do: 'start', name: nameOf(view, each) }, after));
  };
  for (const each of desired.containers) visit(each);
  return [...stops.values(), ...starting.values()];
}

/** Whether a container runs and is to go on, or has done what it had to. */
function isUp({ desired, observed, before }: View, each: DesiredContainer): boolean {
  const container = current(each, observed);
  if (!container || before.some(makes(each))) return false;
  return !isStale(desired, container) && !needsStart(desired, each, container);
}

/** The container may be one that an earlier generation made, under its name. */
const nameOf = ({ observed, before }: View, each: DesiredContainer): string =>
  before.some(makes(each)) ? each.name : (current(each, observed)?.name ?? each.name);

/** Containers of another generation that may be using what this one will hold. */
function inTheWay(
  { desired, observed, before }: View,
  { holds, service, stopFirst = false }: DesiredContainer,
): ObservedContainer[] {
  const wanted = new Set(desired.containers.map((other) => current(other, observed)?.id));
  return observed.containers.filter(
    (other) =>
      !wanted.has(other.id) &&
      isActive(other) &&
      ((stopFirst && other.service === service) ||
        other.holds.some((held) => holds.includes(held))) &&
      !before.some((known) => keyOf(known) === `remove ${other.id}`),
  );
}

const makes =
  ({ name }: DesiredContainer) =>
  (before: Step): boolean =>
    before.do === 'create' && before.name === name;

/** Whether a start has to wait for `before`: for what is done with its own container, and makes room. */
const concerns =
  (each: DesiredContainer, own: string | undefined) =>
  (before: Step): boolean => {
    if (before.do === 'create') return makes(each)(before);
    if (before.do === 'update') return before.id === own;
    return before.do !== 'create-volume';
  };

function isOpen(
  { desired, observed }: View,
  other: DesiredContainer,
  condition: 'started' | 'healthy' | 'completed',
): boolean {
  const container = current(other, observed);
  if (!container || isStale(desired, container)) return false;
  if (condition === 'completed') return container.state === 'exited' && container.exitCode === 0;
  const done = isDone(desired, other, container);
  if (condition === 'started') return done || container.state === 'running';
  const health = other.healthDeadline === null ? 'none' : 'healthy';
  return container.state === 'running' && container.health === health;
}
