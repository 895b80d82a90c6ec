import { Readable } from 'node:stream';
import { Problem } from '@cep/contracts/problems';
import { expect, test } from '@jest/globals';
import type { EngineEvent } from '../engine/events.ts';
import type { Member } from '../engines/member.ts';
import { keepFollowing } from './keep-following.ts';

const event = (id: string, second: number): EngineEvent => ({
  ...{ appId: 'wiki', id, action: 'start', app: 'wiki', service: 'web', exitCode: null },
  at: new Date(second * 1_000).toISOString(),
});

/** Tells `events`, and then the connection breaks. */
async function* breaking(...events: EngineEvent[]) {
  yield* events;
  throw new Error('socket hang up');
}

test('an engine that is lost is followed again from where it broke off, and nothing is told twice', async () => {
  const [a, b, c] = [event('a', 1), event('b', 2), event('c', 2)];
  const asked: Date[] = [];
  const answers = [
    () => Promise.reject(new Error('the engine barn is not reached')),
    async () => breaking(b, c),
    () => Promise.reject(new Problem('not-found', 'There is no engine "barn".')),
  ];
  const history: Member['engine']['history'] = async ({ since }) => {
    asked.push(since);
    return (answers.shift() as () => Promise<AsyncIterable<EngineEvent>>)();
  };
  const engines = { of: async () => ({ engine: { history } }) as unknown as Member };
  const range = { projectId: 'p', since: new Date(0), signal: new AbortController().signal };

  const told = await Readable.from(keepFollowing(engines, 'barn', range, breaking(a, b))).toArray();

  expect(told).toEqual([a, b, c]);
  expect(asked.map((since) => since.getTime())).toEqual([2_000, 2_000, 2_000]);
});

test('who leaves is not kept', async () => {
  const leaving = new AbortController();
  const range = { projectId: 'p', since: new Date(0), signal: leaving.signal };
  const engines = { of: () => Promise.reject(new Error('away')) };

  const told = Readable.from(keepFollowing(engines, 'barn', range)).toArray();
  leaving.abort();

  expect(await told).toEqual([]);
});
