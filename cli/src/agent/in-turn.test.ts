import { Problem } from '@cep/contracts/problems';
import { describe, expect, test } from '@jest/globals';
import { inTurn } from './in-turn.ts';

const tooMany = (retryAfterSeconds: number) =>
  new Problem('too-many-requests', 'Later.', { members: { retryAfterSeconds } });

/** Asks what gives these answers in turn. @returns what came of it, and how long each wait was */
async function ask(answers: unknown[]) {
  const told: number[] = [];
  const waited: number[] = [];
  const next = async () => {
    const answer = answers.shift();
    if (answer instanceof Problem) throw answer;
    return answer;
  };
  const outcome = await inTurn(
    next,
    (seconds) => told.push(seconds),
    async (ms) => void waited.push(ms / 1_000),
  ).catch((error: unknown) => error);
  return { outcome, told, waited };
}

describe('whoever is put off', () => {
  test('asks again when it may, and says so', async () => {
    const { outcome, told, waited } = await ask([tooMany(7), tooMany(30), 'done']);

    expect(outcome).toBe('done');
    expect(waited).toEqual(told);
    expect(told).toEqual([expect.any(Number), expect.any(Number)]);
    expect(told[0]).toBeGreaterThanOrEqual(7);
    expect(told[1]).toBeGreaterThanOrEqual(30);
  });

  test('does not wait for ever', async () => {
    const { outcome, told } = await ask([tooMany(240), tooMany(240), tooMany(240), 'done']);

    expect(outcome).toMatchObject({ code: 'too-many-requests' });
    expect(told).toHaveLength(2);
  });

  test('hears of every other failure at once', async () => {
    const refused = new Problem('enrolment-refused', 'No.');

    expect(await ask([refused, 'done'])).toEqual({ outcome: refused, told: [], waited: [] });
  });
});
