import { eventually } from '@cep/testing/eventually';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createProber, type Prober } from './prober.ts';
import { container } from './steps.fixture.ts';

const healthcheck = {
  test: ['CMD-SHELL', 'curl -f localhost'],
  ...{ interval: 30_000, timeout: 1_000, startPeriod: 0, retries: 3 },
};
const starting = container('web', { health: 'starting', startedAt: 7 });

describe('the prober', () => {
  let prober: Prober;
  afterEach(() => prober.stop());

  const probing = (codes: number[]) => {
    const ran: (readonly string[])[] = [];
    prober = createProber({
      async run(_id, command) {
        ran.push(command);
        return codes.shift() ?? 0;
      },
    });
    return ran;
  };

  test('finds a container healthy as soon as its check passes, and tells so once', async () => {
    const ran = probing([1, 0]);
    let told = 0;
    const asked = { appId: 'wiki', healthcheck, onHealthy: () => (told += 1) };

    expect(prober.look(starting, asked).health).toBe('starting');

    await eventually(async () => expect(prober.look(starting, asked).health).toBe('healthy'));
    expect(told).toBe(1);
    expect(ran).toEqual(Array(2).fill(['/bin/sh', '-c', 'curl -f localhost']));
  });

  test('trusts the engine once that has something to say, and forgets after a new start', async () => {
    probing([0]);
    const asked = { appId: 'wiki', healthcheck, onHealthy() {} };
    prober.look(starting, asked);
    await eventually(async () => expect(prober.look(starting, asked).health).toBe('healthy'));

    expect(prober.look({ ...starting, health: 'unhealthy' }, asked).health).toBe('unhealthy');
    expect(prober.look({ ...starting, startedAt: 8 }, asked).health).toBe('starting');
  });

  test('leaves to the engine what the engine probes as often', () => {
    const ran = probing([0]);

    prober.look(starting, {
      appId: 'wiki',
      healthcheck: { ...healthcheck, interval: 500 },
      onHealthy() {},
    });

    expect(ran).toEqual([]);
  });
});
