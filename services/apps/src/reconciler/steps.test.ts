import { describe, expect, test } from '@jest/globals';
import { container, desired, observed, service } from './steps.fixture.ts';
import { keyOf, plan, type Step } from './steps.ts';

const show = (steps: readonly Step[]) =>
  steps.map((step) => [keyOf(step), ...step.after].join(' < '));

const needsDb = { dependsOn: [{ service: 'db', condition: 'healthy' as const }] };

describe('plan', () => {
  test.each([
    {
      because: 'nothing is there: everything is made, side by side where it can be',
      wanted: desired(service('web')),
      seen: { ...observed(), networks: [], volumes: [] },
      steps: [
        'create-network net',
        'create-volume vol',
        'create c-web < create-volume vol',
        'start c-web < create-network net < create c-web',
      ],
    },
    {
      because: 'images come first, and nothing is made of one while another is missing',
      wanted: desired(service('web'), service('db')),
      seen: { ...observed(), missingImages: ['web:1'] },
      steps: ['pull web:1'],
    },
    {
      because: 'a gate that is shut keeps a container from its start, not from being made',
      wanted: desired(service('web', needsDb), service('db', { healthDeadline: 1000 })),
      seen: observed(),
      steps: ['create c-web', 'create c-db', 'start c-db < create c-db'],
    },
    {
      because: 'what shares something of another is made after it',
      wanted: desired(service('web', { sharesWith: ['db'] }), service('db')),
      seen: observed(),
      steps: [
        'create c-db',
        'create c-web < create c-db',
        'start c-web < create c-web',
        'start c-db < create c-db',
      ],
    },
    {
      because: 'a healthy dependency opens the gate',
      wanted: desired(service('web', needsDb), service('db', { healthDeadline: 1000 })),
      seen: observed(
        container('web', { state: 'created' }),
        container('db', { health: 'healthy' }),
      ),
      steps: ['start c-web'],
    },
    {
      because: 'started dependencies start in one plan, one after the other',
      wanted: desired(
        service('web', { dependsOn: [{ service: 'db', condition: 'started' }] }),
        service('db'),
      ),
      seen: observed(),
      steps: [
        'create c-web',
        'create c-db',
        'start c-db < create c-db',
        'start c-web < create c-web < start c-db',
      ],
    },
    {
      because: 'a container of another spec makes room before its successor is made',
      wanted: desired(service('web')),
      seen: observed(container('web', { spec: 'v1:b' })),
      steps: [
        'remove id-web',
        'create c-web < remove id-web',
        'start c-web < remove id-web < create c-web',
      ],
    },
    {
      because: 'a service that is no longer wanted goes',
      wanted: desired(service('web')),
      seen: observed(container('web'), container('old')),
      steps: ['remove id-old'],
    },
    {
      because: 'what was stopped by hand is started',
      wanted: desired(service('web')),
      seen: observed(container('web', { state: 'exited', exitCode: 137 })),
      steps: ['start c-web'],
    },
    {
      because: 'what ended by itself is left until somebody asks again',
      wanted: desired(service('web', { restart: 'no' })),
      seen: observed(container('web', { state: 'exited', exitCode: 3, finishedAt: 5 })),
      steps: [],
    },
    {
      because: 'and then it is started again',
      wanted: { ...desired(service('web', { restart: 'no' })), askedAt: 6 },
      seen: observed(container('web', { state: 'exited', exitCode: 3, finishedAt: 5 })),
      steps: ['start c-web'],
    },
    {
      because: 'a sick container is made anew when somebody asks again',
      wanted: { ...desired(service('web', { healthDeadline: 10 })), askedAt: 6 },
      seen: observed(container('web', { health: 'unhealthy', startedAt: 5 })),
      steps: [
        'remove id-web',
        'create c-web < remove id-web',
        'start c-web < remove id-web < create c-web',
      ],
    },
    {
      because: 'a job that is done rests',
      wanted: desired(service('job', { restart: 'no' })),
      seen: observed(container('job', { state: 'exited' })),
      steps: [],
    },
    {
      because: 'dependants go before what they depend on, the network last, and volumes stay',
      wanted: {
        ...desired(service('db'), service('web', needsDb)),
        wanted: 'destroyed' as const,
      },
      seen: observed(container('db'), container('web')),
      steps: [
        'remove id-web',
        'remove id-db < remove id-web',
        'remove-network net < remove id-web < remove id-db',
      ],
    },
  ])('$because', ({ wanted, seen, steps }) => {
    expect(show(plan(wanted, seen))).toEqual(steps);
  });
});
