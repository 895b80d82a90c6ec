import { describe, expect, test } from '@jest/globals';
import { container, desired, observed, service, show } from './steps.fixture.ts';
import { plan } from './steps.ts';

const needsDb = { dependsOn: [{ service: 'db', condition: 'healthy' as const }] };

const GOOD_WEB = { service: 'web', spec: 'v1:a' };

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
      because: 'a new volume has its owner before anything starts, but not before there are images',
      wanted: { ...desired(service('web')), owned: ['vol'] },
      seen: { ...observed(), volumes: [] },
      steps: [
        'create-volume vol',
        'own-volume vol < create-volume vol',
        'create c-web < create-volume vol',
        'start c-web < own-volume vol < create c-web',
      ],
    },
    {
      because: 'a volume that was made, and not given to its owner yet, is, once remains are gone',
      wanted: { ...desired(service('web')), owned: ['vol'] },
      seen: { ...observed(container('owner_vol', { state: 'created' })), unowned: ['vol'] },
      steps: [
        'remove id-owner_vol',
        'own-volume vol < remove id-owner_vol',
        'create c-web < remove id-owner_vol',
        'start c-web < remove id-owner_vol < own-volume vol < create c-web',
      ],
    },
    {
      because: 'a volume that has its owner keeps it',
      wanted: { ...desired(service('web')), owned: ['vol'] },
      seen: observed(),
      steps: ['create c-web', 'start c-web < create c-web'],
    },
    {
      because: 'images come first, and nothing is made of one while another is missing',
      wanted: desired(service('web'), service('db')),
      seen: { ...observed(), missingImages: ['web:1'] },
      steps: ['pull web:1'],
    },
    {
      because: 'what a name stands for is kept once it is here, before anything is made of it',
      wanted: {
        ...desired(service('web'), service('db')),
        unlocked: [
          { image: 'web:1', pull: 'always' as const },
          { image: 'db:1', pull: 'missing' as const },
        ],
      },
      seen: observed(),
      steps: ['pull web:1', 'lock web:1 < pull web:1', 'lock db:1'],
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
      because: 'what must not run twice is stopped first, though it holds nothing',
      wanted: {
        ...desired(service('web', { name: 'c-web-g2', spec: 'v1:b', stopFirst: true })),
        kept: [GOOD_WEB],
      },
      seen: observed(container('web')),
      steps: [
        'create c-web-g2',
        'stop id-web < create c-web-g2',
        'start c-web-g2 < create c-web-g2 < stop id-web',
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
      because: 'what the last good generation runs goes on until the new one is good',
      wanted: { ...desired(service('web', { spec: 'v1:b', name: 'n-web' })), kept: [GOOD_WEB] },
      seen: observed(container('web')),
      steps: ['create n-web', 'start n-web < create n-web'],
    },
    {
      because: 'two generations never write one volume: the old one stops once the new one is made',
      wanted: {
        ...desired(service('web', { spec: 'v1:b', name: 'n-web', holds: ['volume v'] })),
        kept: [GOOD_WEB],
      },
      seen: observed(container('web', { holds: ['volume v'] })),
      steps: [
        'create n-web',
        'stop id-web < create n-web',
        'start n-web < create n-web < stop id-web',
      ],
    },
    {
      because: 'a service that did not change stays as it is',
      wanted: { ...desired(service('web', { name: 'n-web' })), kept: [GOOD_WEB] },
      seen: observed(container('web')),
      steps: [],
    },
    {
      because: 'a good generation leaves nothing of the one before',
      wanted: desired(service('web', { spec: 'v1:b', name: 'n-web' })),
      seen: observed(container('web'), container('web', { spec: 'v1:b', name: 'n-web', id: 'n' })),
      steps: ['remove id-web'],
    },
    {
      because: 'on the way back what cep stopped is started, though it ended well',
      wanted: { ...desired(service('web', { restart: 'no' })), interruptedAt: 5 },
      seen: observed(container('web', { state: 'exited', startedAt: 4, finishedAt: 6 })),
      steps: ['start c-web'],
    },
    {
      because: 'a restart stops all and starts all, dependants first and last',
      wanted: {
        ...desired(
          service('web', { dependsOn: [{ service: 'db', condition: 'started' }] }),
          service('db'),
        ),
        restartAt: 5,
      },
      seen: observed(container('web'), container('db')),
      steps: [
        'stop id-web',
        'stop id-db < stop id-web',
        'start c-db < stop id-web < stop id-db',
        'start c-web < stop id-web < stop id-db < start c-db',
      ],
    },
    {
      because: 'a stopped app rests',
      wanted: { ...desired(service('web'), service('db')), wanted: 'stopped' as const },
      seen: observed(container('web'), container('db', { state: 'exited' })),
      steps: ['stop id-web'],
    },
    {
      because: 'what was taken off its network is made anew',
      wanted: desired(service('web', { networks: ['net'] })),
      seen: observed(container('web')),
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
