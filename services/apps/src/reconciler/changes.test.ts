import { describe, expect, test } from '@jest/globals';
import { container, desired, limits, observed, service, show } from './steps.fixture.ts';
import { plan } from './steps.ts';

const GOOD_WEB = { service: 'web', spec: 'v1:a' };

describe('limits', () => {
  test.each([
    {
      because: 'other limits are given to what runs, as it runs',
      wanted: desired(service('web', { name: 'n-web', limits: { ...limits, memoryBytes: 512 } })),
      seen: observed(container('web')),
      steps: ['update id-web'],
    },
    {
      because: 'and to what rests, before it starts; who has nothing to do with it does not wait',
      wanted: desired(service('web'), service('db')),
      seen: observed(
        container('web', { state: 'exited', limits: { ...limits, pids: 1 } }),
        container('db', { state: 'exited' }),
      ),
      steps: ['update id-web', 'start c-web < update id-web', 'start c-db'],
    },
    {
      because: 'a restart gives back the limits that it should have while it rests',
      wanted: { ...desired(service('web')), restartAt: 5 },
      seen: observed(container('web', { limits: { ...limits, memoryBytes: 512 } })),
      steps: [
        'stop id-web',
        'update id-web < stop id-web',
        'start c-web < stop id-web < update id-web',
      ],
    },
    {
      because: 'a limit that is to be none cannot be taken away: it is made anew',
      wanted: desired(service('web')),
      seen: observed(container('web', { limits: { ...limits, memoryReservationBytes: 64 } })),
      steps: [
        'remove id-web',
        'create c-web < remove id-web',
        'start c-web < remove id-web < create c-web',
      ],
    },
    {
      because: 'what is sick under its limits begins anew under others',
      wanted: desired(service('web')),
      seen: observed(
        container('web', { state: 'restarting', limits: { ...limits, memoryBytes: 6 } }),
      ),
      steps: [
        'remove id-web',
        'create c-web < remove id-web',
        'start c-web < remove id-web < create c-web',
      ],
    },
    {
      because: 'what starts over and over is kept from it before it is stopped, and not lost',
      wanted: { ...desired(service('web')), wanted: 'stopped' as const, askedAt: 6 },
      seen: observed(container('web', { state: 'restarting', startedAt: 5 })),
      steps: ['update id-web', 'stop id-web < update id-web'],
    },
    {
      because: 'also where it has to make room',
      wanted: {
        ...desired(service('web', { spec: 'v1:b', name: 'n-web', holds: ['volume v'] })),
        kept: [GOOD_WEB],
      },
      seen: observed(container('web', { holds: ['volume v'], restarts: 3 })),
      steps: [
        'create n-web',
        'update id-web',
        'stop id-web < create n-web < update id-web',
        'start n-web < create n-web < stop id-web',
      ],
    },
  ])('$because', ({ wanted, seen, steps }) => {
    expect(show(plan(wanted, seen))).toEqual(steps);
  });
});
