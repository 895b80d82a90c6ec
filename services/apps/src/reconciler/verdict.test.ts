import { describe, expect, test } from '@jest/globals';
import { container, desired, observed, service } from './steps.fixture.ts';
import { judge } from './verdict.ts';

const NOW = 10_000;
const checked = { healthDeadline: 5_000 };

describe('an app', () => {
  test.each([
    { because: 'its container runs', app: {}, seen: {}, is: { is: 'running' } },
    {
      because: 'its job is done',
      app: { restart: 'no' as const },
      seen: { state: 'exited' as const },
      is: { is: 'running' },
    },
    {
      because: 'it is healthy',
      app: checked,
      seen: { health: 'healthy' as const },
      is: { is: 'running' },
    },
    {
      because: 'it is not healthy yet, and has time',
      app: checked,
      seen: { health: 'starting' as const, startedAt: 9_000 },
      is: { is: 'starting', lookAgainIn: 4_000 },
    },
    {
      because: 'its time to become healthy is over',
      app: checked,
      seen: { health: 'starting' as const, startedAt: 5_000 },
      is: { is: 'failed', trouble: 'unhealthy' },
    },
    {
      because: 'it was started again a moment ago',
      app: {},
      seen: { restarts: 1, startedAt: 9_000 },
      is: { is: 'starting', lookAgainIn: 1_000 },
    },
    {
      because: 'it has ended once or twice',
      app: {},
      seen: { state: 'restarting' as const, restarts: 2 },
      is: { is: 'starting' },
    },
    {
      because: 'it ends again and again',
      app: {},
      seen: { state: 'restarting' as const, restarts: 5, exitCode: 1 },
      is: { is: 'failed', trouble: 'exited' },
    },
    {
      because: 'it was stopped, and waits until what it depends on is healthy again',
      app: {},
      seen: { state: 'exited' as const },
      is: { is: 'starting' },
    },
    {
      because: 'it had too little memory',
      app: { restart: 'no' as const },
      seen: { state: 'exited' as const, exitCode: 137, outOfMemory: true },
      is: { is: 'failed', trouble: 'out-of-memory' },
    },
    {
      because: 'it may do without what has ended',
      app: { restart: 'no' as const, optional: true },
      seen: { state: 'exited' as const, exitCode: 1 },
      is: { is: 'running' },
    },
    {
      because: 'somebody paused it',
      app: {},
      seen: { state: 'paused' as const },
      is: { is: 'failed', trouble: 'paused' },
    },
  ])('$is.is since $because', ({ app, seen, is }) => {
    expect(
      judge(desired(service('web', app)), observed(container('web', seen)), NOW),
    ).toMatchObject(is);
  });

  test('fails with its worst container, and starts with its slowest', () => {
    const app = desired(service('a'), service('b', checked), service('c', { restart: 'no' }));
    const slow = container('b', { health: 'starting', startedAt: NOW });
    expect(judge(app, observed(container('a'), slow, container('c')), NOW).is).toBe('starting');
    const bad = container('c', { state: 'exited', exitCode: 1 });
    expect(judge(app, observed(container('a'), slow, bad), NOW).is).toBe('failed');
  });
});
