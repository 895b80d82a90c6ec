import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Desired, DesiredContainer, Observed, ObservedContainer } from './state.ts';
import { container, desired, service } from './steps.fixture.ts';
import { keyOf, plan, type Step } from './steps.ts';

/** A model of the engine: takes a step as the real one would. */
function take(state: Observed, step: Step, wanted: Desired): Observed {
  const { containers } = state;
  switch (step.do) {
    case 'pull':
      return { ...state, missingImages: state.missingImages.filter((each) => each !== step.image) };
    case 'create-network':
      return { ...state, networks: [...state.networks, step.name] };
    case 'create-volume':
      return { ...state, volumes: [...state.volumes, step.name] };
    case 'remove-network':
      return { ...state, networks: state.networks.filter((each) => each !== step.name) };
    case 'remove-volume':
      return { ...state, volumes: state.volumes.filter((each) => each !== step.name) };
    case 'remove':
      return { ...state, containers: containers.filter(({ id }) => id !== step.id) };
    case 'create': {
      if (containers.some(({ name }) => name === step.name)) throw new Error('name in use');
      const each = wanted.containers.find(({ name }) => name === step.name) as DesiredContainer;
      const made = container(each.service, { state: 'created', id: `new-${each.service}` });
      return { ...state, containers: [...containers, made] };
    }
    case 'start':
      return {
        ...state,
        containers: containers.map((each) =>
          each.name === step.name ? started(each, wanted) : each,
        ),
      };
  }
}

/** Jobs end at once and well; what has a health check becomes healthy. */
function started(each: ObservedContainer, wanted: Desired): ObservedContainer {
  const own = wanted.containers.find(({ service: name }) => name === each.service);
  if (own?.restart === 'no') return { ...each, state: 'exited', exitCode: 0, finishedAt: 100 };
  return {
    ...each,
    state: 'running',
    health: own?.healthDeadline ? 'healthy' : 'none',
    startedAt: 100,
  };
}

const NAMES = ['a', 'b', 'c', 'd'] as const;

/** Acyclic: a service depends on earlier ones only. */
const anyDesired = fc
  .tuple(
    fc.array(
      fc.record({
        health: fc.boolean(),
        job: fc.boolean(),
        needs: fc.array(fc.nat(2), { maxLength: 2 }),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([services, destroyed, removeVolumes]): Desired => {
    const containers = services.map(({ health, job, needs }, index) =>
      service(NAMES[index] ?? 'a', {
        restart: job ? 'no' : 'unless-stopped',
        healthDeadline: health && !job ? 1000 : null,
        dependsOn: [...new Set(needs)]
          .filter((other) => other < index)
          .map((other) => ({
            service: NAMES[other] ?? 'a',
            condition: services[other]?.job
              ? ('completed' as const)
              : services[other]?.health
                ? ('healthy' as const)
                : ('started' as const),
          })),
      }),
    );
    return {
      ...desired(...containers),
      wanted: destroyed ? 'destroyed' : 'running',
      removeVolumes,
      askedAt: 50,
    };
  });

const anyObserved = fc
  .record({
    containers: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...NAMES, 'x'),
        spec: fc.constantFrom('v1:a', 'v1:b'),
        state: fc.constantFrom(
          'created' as const,
          'running' as const,
          'exited' as const,
          'dead' as const,
          'restarting' as const,
        ),
        health: fc.constantFrom('none' as const, 'healthy' as const, 'unhealthy' as const),
        exitCode: fc.constantFrom(0, 1),
      }),
      { selector: ({ name }) => name },
    ),
    networks: fc.subarray(['net']),
    volumes: fc.subarray(['vol']),
    missingImages: fc.subarray(['a:1', 'b:1']),
  })
  .map(
    (state): Observed => ({
      ...state,
      containers: state.containers.map(({ name, ...more }) => container(name, more)),
    }),
  );

describe('from any state of the engine', () => {
  test('repeated planning settles, also when every plan is broken off, and keeps volumes', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, fc.infiniteStream(fc.nat(6)), (wanted, first, cuts) => {
        let state = first;
        for (let round = 0; ; round += 1) {
          expect(round).toBeLessThan(60);
          const steps = plan(wanted, state);
          if (steps.length === 0) break;
          const known = new Set<string>();
          // A crash after some of the steps; at least one is taken, as in any real pass.
          for (const step of steps.slice(0, 1 + (cuts.next().value ?? 0))) {
            expect(step.after.every((key) => known.has(key))).toBe(true);
            known.add(keyOf(step));
            state = take(state, step, wanted);
          }
        }
        if (wanted.wanted === 'destroyed') {
          expect([state.containers, state.networks]).toEqual([[], []]);
        } else {
          expect(state.containers.map(({ name, spec }) => name + spec).sort()).toEqual(
            wanted.containers.map(({ name, spec }) => name + spec),
          );
        }
        if (wanted.wanted === 'running' || !wanted.removeVolumes) {
          expect(state.volumes).toEqual(expect.arrayContaining([...first.volumes]));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
