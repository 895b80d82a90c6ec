import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { predict, simulate } from './predict.ts';
import type { Desired, Observed } from './state.ts';
import { current, isActive } from './state.ts';
import { keyOf } from './step.ts';
import { container, desired, limits, service } from './steps.fixture.ts';
import { plan } from './steps.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;

/** Acyclic: a service depends on earlier ones only. */
const anyDesired = fc
  .tuple(
    fc.array(
      fc.record({
        health: fc.boolean(),
        job: fc.boolean(),
        holds: fc.boolean(),
        needs: fc.array(fc.nat(2), { maxLength: 2 }),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    fc.constantFrom(
      'running' as const,
      'running' as const,
      'stopped' as const,
      'destroyed' as const,
    ),
    fc.boolean(),
    fc.subarray(['vol']),
    fc.constantFrom(0, 60),
    fc.subarray([...['a', 'b', 'c', 'd'].map((name) => ({ service: name, spec: 'v1:b' }))]),
  )
  .map(([services, wanted, removeVolumes, owned, restartAt, kept]): Desired => {
    const containers = services.map(({ health, job, needs, holds }, index) =>
      service(NAMES[index] ?? 'a', {
        restart: job ? 'no' : 'unless-stopped',
        holds: holds ? ['volume v'] : [],
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
      wanted,
      removeVolumes,
      owned,
      restartAt,
      interruptedAt: restartAt,
      kept: wanted === 'running' ? kept : [],
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
        holds: fc.subarray(['volume v']),
        restarts: fc.constantFrom(0, 0, 7),
        limits: fc
          .record({
            memoryBytes: fc.constantFrom(256, 256, 512),
            memoryReservationBytes: fc.constantFrom(0, 0, 64),
            restart: fc.constantFrom('no', 'unless-stopped'),
          })
          .map((changed) => ({ ...limits, ...changed })),
        generation: fc.constantFrom(1, 2),
      }),
      { selector: ({ name, generation }) => `${name}${generation}` },
    ),
    networks: fc.subarray(['net']),
    volumes: fc.subarray(['vol']),
    unowned: fc.subarray(['vol']),
    missingImages: fc.subarray(['a:1', 'b:1']),
  })
  .map(
    (state): Observed => ({
      ...state,
      containers: state.containers.map(({ name, generation, ...more }) =>
        container(name, {
          ...more,
          ...(generation === 1 && { id: `old-${name}`, name: `o-${name}` }),
        }),
      ),
    }),
  );

/** What wrote a volume before is never at it together with what is to write it now. */
function assertOneWriter(state: Observed, wanted: Desired): void {
  if (wanted.wanted !== 'running') return;
  const ours = wanted.containers.map((each) => current(each, state));
  const fresh = ours.filter((each) => each && isActive(each) && each.id.startsWith('new'));
  const old = state.containers.filter((each) => isActive(each) && !ours.includes(each));
  const held = fresh.flatMap((each) => each?.holds ?? []);
  expect(old.filter(({ holds }) => holds.some((each) => held.includes(each)))).toEqual([]);
}

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
            if (step.do === 'start') {
              expect(state.unowned.filter((each) => wanted.owned.includes(each))).toEqual([]);
            }
            state = simulate(state, step, wanted);
            assertOneWriter(state, wanted);
          }
        }
        if (wanted.wanted === 'destroyed') {
          expect([state.containers, state.networks]).toEqual([[], []]);
        } else if (wanted.wanted === 'stopped') {
          expect(state.containers.filter(isActive)).toEqual([]);
        } else {
          expect(wanted.containers.filter((each) => !current(each, state))).toEqual([]);
          const settled = plan({ ...wanted, kept: [] }, state);
          expect(settled.filter((step) => step.do !== 'remove')).toEqual([]);
        }
        if (wanted.wanted !== 'destroyed' || !wanted.removeVolumes) {
          expect(state.volumes).toEqual(expect.arrayContaining([...first.volumes]));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is foreseen names only steps that come before', () => {
    fc.assert(
      fc.property(anyDesired, anyObserved, (wanted, state) => {
        const foreseen = predict(wanted, state);
        for (const [n, { after }] of foreseen.entries()) {
          expect(after.filter((number) => number > n)).toEqual([]);
        }
      }),
    );
  });
});
