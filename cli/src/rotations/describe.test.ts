import type { RotationState } from '@cep/contracts/rotations';
import { expect, test } from '@jest/globals';
import { describeRotation, progressOf } from './describe.ts';

const waiting = (host: string, live: boolean) => ({
  host,
  live,
  connected: live,
  lastSeenAt: null,
});
const state = (...waitingFor: ReturnType<typeof waiting>[]): RotationState => ({
  authority: { fingerprint: 'a'.repeat(64), expiresAt: '2036-01-01T00:00:00.000Z' },
  rotation: {
    ...{ stage: 'trust', from: 'a'.repeat(64), to: 'b'.repeat(64), hosts: 3, leftBehind: [] },
    ...{ waitingFor, startedAt: '2026-01-01T00:00:00.000Z' },
  },
});

test('hosts that are not live are named with the way to go on without them', () => {
  const both = state(waiting('laptop', true), waiting('phone', false), waiting('router', false));

  for (const words of [describeRotation(both), progressOf(both)]) {
    expect(words).toContain('--leave-behind phone --leave-behind router');
    expect(words).not.toContain('--leave-behind laptop');
  }
  expect(describeRotation(both)).toMatch(/phone +not live/);
});

test('where every host is live nobody is told to leave one behind', () => {
  expect(describeRotation(state(waiting('laptop', true)))).not.toContain('leave-behind');
  expect(progressOf(state())).not.toContain('leave-behind');
});
