import { describe, expect, test } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { toObserved } from './observed.ts';

const healthOf = (Health: unknown) =>
  toObserved(
    {
      ...{ Id: '1', Name: '/wiki', RestartCount: 0, HostConfig: {}, Config: { Labels: {} } },
      State: { Status: 'running', StartedAt: '0001-01-01T00:00:00Z', Health },
    } as unknown as ContainerInspectInfo,
    [],
  ).health;

describe('the health of a container', () => {
  test('is that of its probes', () => {
    expect(healthOf(undefined)).toBe('none');
    expect(healthOf({ Status: 'starting', FailingStreak: 0 })).toBe('starting');
    expect(healthOf({ Status: 'healthy', FailingStreak: 2, Log: [{ ExitCode: 1 }] })).toBe(
      'healthy',
    );
    expect(healthOf({ Status: 'unhealthy', FailingStreak: 3, Log: [{ ExitCode: 1 }] })).toBe(
      'unhealthy',
    );
  });

  test('is what it was last while nobody looks, as after a pause', () => {
    expect(healthOf({ Status: 'unhealthy', FailingStreak: 0, Log: [{ ExitCode: 0 }] })).toBe(
      'healthy',
    );
    expect(healthOf({ Status: 'unhealthy', FailingStreak: 0, Log: [] })).toBe('starting');
    expect(healthOf({ Status: 'unhealthy', FailingStreak: 0, Log: null })).toBe('starting');
  });
});
