/**
 * Decides what to do so that the engine comes to agree with what an app should be. Pure: the loop
 * observes, asks here, acts, and observes again, so a crash between any two steps costs nothing.
 */
import { calming, updates } from './changes.ts';
import { starts } from './starts.ts';
import {
  current,
  type Desired,
  type DesiredContainer,
  isActive,
  isSame,
  isSick,
  isStale,
  type Observed,
  type ObservedContainer,
} from './state.ts';
import { keyOf, type Step, step } from './step.ts';

/**
 * @returns steps that can be taken now, each after those that it names; independent ones side by
 *   side. None when nothing is left to do, or when all that is left waits for a container to become
 *   healthy or to complete. No image is touched before all are here; what the last good generation
 *   has stays until this one is good; no volume is ever removed unless that was asked for.
 */
export function plan(desired: Desired, observed: Observed): Step[] {
  switch (desired.wanted) {
    case 'destroyed':
      return removal(desired, observed);
    case 'stopped':
      return rest(desired, observed);
    case 'running':
      return running(desired, observed);
  }
}

function running(desired: Desired, observed: Observed): Step[] {
  const images = imageSteps(desired, observed);
  const places = [...networkSteps(desired, observed), ...volumeSteps(desired, observed)];
  if (images.length > 0) return [...images, ...places];

  const going = strangers(desired, observed).map(({ id, name }) =>
    step({ do: 'remove', id, name }),
  );
  const stale = observed.containers.filter(
    (each) => isStale(desired, each) && !going.some((gone) => keyOf(gone) === `remove ${each.id}`),
  );
  const stops = dependantsFirst(desired, stale, 'stop');
  const changes = updates(desired, observed, [...going, ...stops]);
  const owns = ownSteps(desired, observed, [...places, ...going]);
  const creates = createSteps(desired, observed, [...places, ...going]);
  const before = [...places, ...going, ...stops, ...changes, ...owns, ...creates];
  return [...before, ...starts({ desired, observed, before })];
}

/** Pulls; and for each name that may stand for something else tomorrow, what it stands for is kept. */
function imageSteps({ unlocked }: Desired, { missingImages }: Observed): Step[] {
  const always = unlocked.filter(({ pull }) => pull === 'always').map(({ image }) => image);
  const pulls = new Map(
    [...missingImages, ...always].map((image) => [image, step({ do: 'pull', image })]),
  );
  const locks = unlocked.map(({ image }) => {
    const pull = pulls.get(image);
    return step({ do: 'lock', image }, pull ? [pull] : []);
  });
  return [...pulls.values(), ...locks];
}

function networkSteps({ network }: Desired, { networks }: Observed): Step[] {
  return networks.includes(network) ? [] : [step({ do: 'create-network', name: network })];
}

function volumeSteps(desired: Desired, { volumes }: Observed): Step[] {
  const absent = desired.volumes.filter((volume) => !volumes.includes(volume));
  return absent.map((name) => step({ do: 'create-volume', name }));
}

/** After what an earlier attempt has left is gone; nothing starts before. */
function ownSteps({ owned }: Desired, { volumes, unowned }: Observed, before: readonly Step[]) {
  const first = before.filter((each) => each.do === 'remove' || each.do === 'create-volume');
  return owned
    .filter((volume) => !volumes.includes(volume) || unowned.includes(volume))
    .map((name) => step({ do: 'own-volume', name }, first));
}

/** Containers of the app that are not, or no longer, wanted as they are; and those beyond repair. */
function strangers(desired: Desired, observed: Observed): ObservedContainer[] {
  const wanted = new Set(desired.containers.map((each) => current(each, observed)?.id));
  const names = new Set(desired.containers.map(({ name }) => name));
  const isKept = (each: ObservedContainer) =>
    !names.has(each.name) && desired.kept.some((kept) => isSame(kept, each));
  return observed.containers.filter((each) =>
    wanted.has(each.id) ? isBeyondRepair(each, desired) : !isKept(each),
  );
}

/** Dead; or sick since before somebody asked again that it runs, which a fresh container may not be. */
const isBeyondRepair = (container: ObservedContainer, { wanted, askedAt }: Desired): boolean =>
  container.state === 'dead' ||
  (wanted === 'running' && container.startedAt < askedAt && isSick(container));

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

/** What is not wanted goes, and the rest rests. */
function rest(desired: Desired, observed: Observed): Step[] {
  const going = strangers(desired, observed);
  const active = observed.containers.filter((each) => isActive(each) && !going.includes(each));
  return [
    ...dependantsFirst(desired, going, 'remove'),
    ...dependantsFirst(desired, active, 'stop'),
  ];
}

/** Those that depend on others go first; then the network, and the volumes if that was asked for. */
function removal(desired: Desired, observed: Observed): Step[] {
  const removed = dependantsFirst(desired, observed.containers, 'remove');
  const networks = observed.networks.map((name) => step({ do: 'remove-network', name }, removed));
  const volumes = desired.removeVolumes ? observed.volumes : [];
  return [
    ...removed,
    ...networks,
    ...volumes.map((name) => step({ do: 'remove-volume', name }, removed)),
  ];
}

/** One step for each container, after those of the containers that depend on it; and what calms it. */
function dependantsFirst(
  desired: Desired,
  containers: readonly ObservedContainer[],
  what: 'stop' | 'remove',
): Step[] {
  const steps = new Map<string, Step>();
  const visit = (container: ObservedContainer): Step => {
    const { id, name, service } = container;
    const known = steps.get(id);
    if (known) return known;
    const dependants = desired.containers
      .filter(({ dependsOn }) => dependsOn.some((each) => each.service === service))
      .flatMap((each) => containers.filter((other) => other.service === each.service));
    const calm = what === 'stop' ? calming(container) : [];
    for (const each of calm) steps.set(keyOf(each), each);
    const own = step({ do: what, id, name }, [...calm, ...dependants.map(visit)]);
    steps.set(id, own);
    return own;
  };
  for (const container of containers) visit(container);
  return [...steps.values()];
}
