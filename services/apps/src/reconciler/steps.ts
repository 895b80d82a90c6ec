/**
 * Decides what to do so that the engine comes to agree with what an app should be. Pure: the loop
 * observes, asks here, acts, and observes again, so a crash between any two steps costs nothing.
 */
import {
  current,
  type Desired,
  type DesiredContainer,
  isDone,
  type Observed,
  type ObservedContainer,
} from './state.ts';

export type Action =
  | { readonly do: 'pull'; readonly image: string }
  | { readonly do: 'create-network'; readonly name: string }
  | { readonly do: 'create-volume'; readonly name: string }
  | { readonly do: 'create'; readonly name: string }
  | { readonly do: 'start'; readonly name: string }
  | { readonly do: 'remove'; readonly id: string; readonly name: string }
  | { readonly do: 'remove-network'; readonly name: string }
  | { readonly do: 'remove-volume'; readonly name: string };

export type Step = Action & {
  /** Steps of the same plan, by {@link keyOf}, that must have succeeded before. */
  readonly after: readonly string[];
};

export const keyOf = (action: Action): string =>
  action.do === 'pull'
    ? `pull ${action.image}`
    : action.do === 'remove'
      ? `remove ${action.id}`
      : `${action.do} ${action.name}`;

/**
 * @returns steps that can be taken now, each after those that it names; independent ones side by
 *   side. None when nothing is left to do, or when all that is left waits for a container to become
 *   healthy or to complete. No image is touched before all are here; no volume is ever removed
 *   unless that was asked for.
 */
export function plan(desired: Desired, observed: Observed): Step[] {
  if (desired.wanted === 'destroyed') return removal(desired, observed);
  const pulls = observed.missingImages.map((image) => step({ do: 'pull', image }));
  const places = [...networkSteps(desired, observed), ...volumeSteps(desired, observed)];
  if (pulls.length > 0) return [...pulls, ...places];

  const strangers = strangerSteps(desired, observed);
  const creates = createSteps(desired, observed, [...places, ...strangers]);
  const before = [...places, ...strangers, ...creates];
  return [...before, ...startSteps(desired, observed, before)];
}

const step = (action: Action, after: readonly Step[] = []): Step => ({
  ...action,
  after: after.map(keyOf),
});

function networkSteps({ network }: Desired, { networks }: Observed): Step[] {
  return networks.includes(network) ? [] : [step({ do: 'create-network', name: network })];
}

function volumeSteps(desired: Desired, { volumes }: Observed): Step[] {
  const absent = desired.volumes.filter((volume) => !volumes.includes(volume));
  return absent.map((name) => step({ do: 'create-volume', name }));
}

/** Containers of the app that are not, or no longer, wanted as they are; and those beyond repair. */
function strangerSteps(desired: Desired, observed: Observed): Step[] {
  const wanted = new Set(desired.containers.map((each) => current(each, observed)?.id));
  return observed.containers
    .filter((each) => !wanted.has(each.id) || isBeyondRepair(each, desired.askedAt))
    .map(({ id, name }) => step({ do: 'remove', id, name }));
}

/** Dead; or sick since before somebody asked again, which a fresh container may not be. */
const isBeyondRepair = (container: ObservedContainer, askedAt: number): boolean =>
  container.state === 'dead' ||
  (container.startedAt < askedAt &&
    (container.state === 'restarting' ||
      (container.state === 'running' && container.health === 'unhealthy')));

/** A new container holds the volumes, ports and name of the one that it replaces. */
function createSteps(desired: Desired, observed: Observed, before: readonly Step[]): Step[] {
  const first = before.filter((each) => each.do === 'remove' || each.do === 'create-volume');
  const isGoing = (id: string) => first.some((each) => keyOf(each) === `remove ${id}`);
  const absent = desired.containers.filter((each) => {
    const container = current(each, observed);
    return !container || isGoing(container.id);
  });
  const creates = new Map<string, Step>();
  const visit = (each: DesiredContainer): void => {
    const lenders = absent.filter(({ service }) => each.sharesWith?.includes(service));
    for (const lender of lenders) if (!creates.has(lender.service)) visit(lender);
    const made = lenders.flatMap(({ service }) => creates.get(service) ?? []);
    creates.set(each.service, step({ do: 'create', name: each.name }, [...first, ...made]));
  };
  for (const each of absent) if (!creates.has(each.service)) visit(each);
  return [...creates.values()];
}

function startSteps(desired: Desired, observed: Observed, before: readonly Step[]): Step[] {
  const starting = new Map<string, Step>();
  const settled = new Set<string>();

  /** Plans the start of a service, unless it runs or has to wait. */
  const visit = (each: DesiredContainer): void => {
    if (settled.has(each.service)) return;
    settled.add(each.service);
    const container = current(each, observed);
    const isNew = before.some((step) => step.do === 'create' && step.name === each.name);
    if (container && !isNew && !needsStart(each, container, desired.askedAt)) return;
    const gates = each.dependsOn.map(({ service, condition }) => {
      const other = desired.containers.find((candidate) => candidate.service === service);
      if (!other) return true;
      visit(other);
      return (
        isOpen(other, condition, observed) || (condition === 'started' && starting.get(service))
      );
    });
    if (!gates.every(Boolean)) return;
    const steps = gates.filter((gate): gate is Step => typeof gate === 'object');
    starting.set(
      each.service,
      step({ do: 'start', name: each.name }, [...before.filter(concerns(each)), ...steps]),
    );
  };
  for (const each of desired.containers) visit(each);
  return [...starting.values()];
}

/** Whether a start has to wait for `step`: for its own creation and for what makes room. */
const concerns =
  ({ name }: DesiredContainer) =>
  (before: Step): boolean =>
    before.do === 'create' ? before.name === name : before.do !== 'create-volume';

/** What ended by itself is left alone until somebody asks again; what was stopped is not. */
function needsStart(
  desired: DesiredContainer,
  container: ObservedContainer,
  askedAt: number,
): boolean {
  if (container.state === 'created') return true;
  if (container.state !== 'exited' || isDone(desired, container)) return false;
  const endsByItself = desired.restart === 'no' || desired.restart === 'on-failure';
  return !endsByItself || container.finishedAt < askedAt;
}

function isOpen(
  other: DesiredContainer,
  condition: 'started' | 'healthy' | 'completed',
  observed: Observed,
): boolean {
  const container = current(other, observed);
  if (!container) return false;
  const done = isDone(other, container);
  if (condition === 'completed') return container.state === 'exited' && container.exitCode === 0;
  if (condition === 'started') return done || container.state === 'running';
  const health = other.healthDeadline === null ? 'none' : 'healthy';
  return container.state === 'running' && container.health === health;
}

/** Those that depend on others go first; then the network, and the volumes if that was asked for. */
function removal(desired: Desired, observed: Observed): Step[] {
  const byService = new Map<string, Step[]>();
  const removed: Step[] = [];
  const visit = ({ id, name, service }: ObservedContainer): void => {
    if (removed.some((each) => keyOf(each) === `remove ${id}`)) return;
    const dependants = desired.containers
      .filter(({ dependsOn }) => dependsOn.some((each) => each.service === service))
      .flatMap((each) => observed.containers.filter((other) => other.service === each.service));
    for (const dependant of dependants) visit(dependant);
    const after = dependants.flatMap((dependant) => byService.get(dependant.service) ?? []);
    const own = step({ do: 'remove', id, name }, after);
    byService.set(service, [...(byService.get(service) ?? []), own]);
    removed.push(own);
  };
  for (const container of observed.containers) visit(container);
  const networks = observed.networks.map((name) => step({ do: 'remove-network', name }, removed));
  const volumes = desired.removeVolumes ? observed.volumes : [];
  return [
    ...removed,
    ...networks,
    ...volumes.map((name) => step({ do: 'remove-volume', name }, removed)),
  ];
}
