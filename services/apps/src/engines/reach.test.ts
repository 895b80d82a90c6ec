import { describe, expect, test } from '@jest/globals';
import { createMemoryEngine } from '../engine/memory-engine.fixture.ts';
import { createReach, within } from './reach.ts';

const never = () => new Promise<never>(() => {});
const hangUp = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

describe('an engine that is lost', () => {
  test('fails at once what is asked of it, with its name, since when and why', async () => {
    const reach = createReach('barn');
    reach.lose('it does not answer');
    let asked = 0;

    await expect(reach.during(async () => (asked += 1))).rejects.toMatchObject({
      lost: { engine: 'barn', since: expect.any(Date), why: 'it does not answer' },
    });
    expect(asked).toBe(0);
  });

  test('fails what hangs in it when it is lost', async () => {
    const reach = createReach('barn');
    const hanging = reach.during(never);

    reach.lose('it does not answer');

    await expect(hanging).rejects.toMatchObject({ lost: { why: 'it does not answer' } });
  });

  test('is lost since it was missed first', () => {
    const reach = createReach('barn');
    reach.lose('connection refused');
    const since = reach.lost()?.since;

    reach.lose('no route');

    expect(reach.lost()).toEqual({ engine: 'barn', since, why: 'no route' });
  });

  test('answers again once it is found', async () => {
    const reach = createReach('barn');
    reach.lose('connection refused');
    reach.found();

    expect(reach.lost()).toBeUndefined();
    expect(await reach.during(async () => 7)).toBe(7);
  });
});

test('a connection that breaks says of which engine', async () => {
  const { engine } = createMemoryEngine();
  const broken = { ...engine, ping: () => Promise.reject(hangUp) };

  await expect(within(broken, createReach('barn')).ping()).rejects.toMatchObject({
    name: 'EngineAway',
    lost: { engine: 'barn', why: 'socket hang up' },
  });
});

test('what an engine refuses is passed on as it is', async () => {
  const refusal = Object.assign(new Error('no space left on device'), { statusCode: 500 });

  await expect(createReach('barn').during(() => Promise.reject(refusal))).rejects.toBe(refusal);
});

test('what is not answered for long fails, though the engine says that it is there', async () => {
  const { engine } = createMemoryEngine();
  const hanging = within({ ...engine, containers: never }, createReach('barn'), 20);

  await expect(hanging.containers('wiki')).rejects.toMatchObject({
    lost: { engine: 'barn', why: expect.stringContaining('containers') },
  });
});
