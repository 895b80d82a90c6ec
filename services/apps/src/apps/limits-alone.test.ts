import { expect, test } from '@jest/globals';
import type { RenderedApp, Service } from '../compose/model.ts';
import { bareService } from '../compose/service.fixture.ts';
import { isOfLimitsAlone } from './limits-alone.ts';

const app = (changes: Partial<Service>): RenderedApp => ({
  services: [bareService(changes)],
  volumes: ['data'],
  endpoints: [],
});

test.each<[boolean, Partial<Service>]>([
  [true, { memoryBytes: 2 ** 28, memoryReservationBytes: 2 ** 26, cpus: 1, cpuShares: 512 }],
  [true, { pids: 9, restart: 'on-failure', restartLimit: 3 }],
  [false, { memoryBytes: 2 ** 28, image: 'other:1' }],
  [false, { environment: { pids: '1' } }],
  [false, { ulimits: [{ name: 'nofile', soft: 1, hard: 1 }] }],
])('it is %s that a change is one of limits alone: %j', (isIt, changes) => {
  expect(isOfLimitsAlone(app({}), app(changes))).toBe(isIt);
  expect(isOfLimitsAlone(app({}), app({}))).toBe(true);
});
