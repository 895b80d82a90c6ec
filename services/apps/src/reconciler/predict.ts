/** What a change would do, step by step, if all goes well. Pure; the reconciler itself looks again. */
import type { Plan } from '@cep/contracts/plans';
import { changeOf } from './drift.ts';
import type { Desired, DesiredContainer, Observed, ObservedContainer } from './state.ts';
import { keyOf, type Step } from './step.ts';
import { plan } from './steps.ts';

/** No plan goes on for so many rounds. */
const MAX_ROUNDS = 100;

type Foreseen = Plan['steps'][number];

/** @returns in an order in which they can be taken; `wait` is for a container to become healthy */
export function predict(desired: Desired, observed: Observed): Foreseen[] {
  const foreseen: Foreseen[] = [];
  const numbers = new Map<string, number>();
  let wanted = desired;
  let state = observed;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const steps = plan(wanted, state);
    if (steps.length === 0 && wanted.kept.length === 0) break;
    // It runs: what was kept until then can go.
    if (steps.length === 0) wanted = { ...wanted, kept: [] };
    for (const step of steps) {
      const after = step.after.flatMap((key) => numbers.get(key) ?? []);
      foreseen.push({ do: step.do, what: whatOf(step, state), after });
      numbers.set(keyOf(step), foreseen.length);
      const waits = waitsFor(step, wanted);
      if (waits) foreseen.push({ do: 'wait', what: waits, after: [foreseen.length] });
      state = simulate(state, step, wanted);
      if (step.do === 'lock') wanted = { ...wanted, unlocked: [] };
    }
  }
  return foreseen;
}

function whatOf(step: Step, { containers }: Observed): string {
  if ('image' in step) return step.image;
  if (step.do !== 'update') return step.name;
  const container = containers.find(({ id }) => id === step.id);
  if (!container) return step.name;
  const wanted = { ...container.limits, ...step.limits };
  return `${step.name}, in place: ${changeOf(container.limits, wanted)}`;
}

function waitsFor(step: Step, { containers }: Desired): string | undefined {
  if (step.do !== 'start') return undefined;
  const started = containers.find(({ name }) => name === step.name);
  return started?.healthDeadline ? `until ${started.service} is healthy` : undefined;
}

/** What the engine has after a step; jobs end at once and well, and health checks pass. */
export function simulate(state: Observed, step: Step, desired: Desired): Observed {
  const { containers } = state;
  const change = (id: string, made: (each: ObservedContainer) => ObservedContainer): Observed => ({
    ...state,
    containers: containers.map((each) => (each.id === id || each.name === id ? made(each) : each)),
  });
  switch (step.do) {
    case 'lock':
      return state;
    case 'pull':
      return { ...state, missingImages: state.missingImages.filter((each) => each !== step.image) };
    case 'create-network':
      return { ...state, networks: [...state.networks, step.name] };
    case 'create-volume':
      return {
        ...state,
        volumes: [...state.volumes, step.name],
        unowned: [...state.unowned, step.name],
      };
    case 'own-volume':
      return { ...state, unowned: state.unowned.filter((each) => each !== step.name) };
    case 'remove-network':
      return { ...state, networks: state.networks.filter((each) => each !== step.name) };
    case 'remove-volume':
      return { ...state, volumes: state.volumes.filter((each) => each !== step.name) };
    case 'remove':
      return { ...state, containers: containers.filter(({ id }) => id !== step.id) };
    case 'create':
      return { ...state, containers: [...containers, created(step.name, desired)] };
    case 'update':
      return change(step.id, (each) => ({ ...each, limits: { ...each.limits, ...step.limits } }));
    case 'stop':
      return change(step.id, (each) => ({ ...each, state: 'exited', finishedAt: AFTER }));
    case 'start':
      return change(step.name, (each) => started(each, desired));
  }
}

/** Later than anything that was asked for. */
const AFTER = Number.MAX_SAFE_INTEGER;

function created(name: string, { containers }: Desired): ObservedContainer {
  const { service, spec, holds, limits, networks } = containers.find(
    (each) => each.name === name,
  ) as DesiredContainer;
  return {
    ...{ id: `new ${name}`, name, service, spec, holds, limits, networks },
    ...{ state: 'created', health: 'none', exitCode: 0, outOfMemory: false },
    ...{ startedAt: 0, finishedAt: 0, restarts: 0 },
  };
}

function started(each: ObservedContainer, { containers }: Desired): ObservedContainer {
  const desired = containers.find(({ service }) => service === each.service);
  const isGate = containers.some(({ dependsOn }) =>
    dependsOn.some((need) => need.service === each.service && need.condition === 'completed'),
  );
  if (isGate) return { ...each, state: 'exited', exitCode: 0, startedAt: AFTER, finishedAt: AFTER };
  const health = desired?.healthDeadline ? 'healthy' : 'none';
  return { ...each, state: 'running', health, startedAt: AFTER };
}
