import { describe, expect, test } from '@jest/globals';
import { sharing } from './looks.ts';

/** An engine that counts what it is asked, and answers when told. */
function slowEngine(things: string[]) {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const look = (what: string, matches: (thing: string) => boolean) =>
    new Promise<string[]>((resolve, reject) => {
      asked.push(what);
      const seen = things.filter(matches);
      answers.push(() => (seen.includes('broken/1') ? reject(new Error('away')) : resolve(seen)));
    });
  const appOf = (thing: string) => thing.split('/')[0];
  return {
    asked,
    looks: {
      one: (appId: string) => look(appId, (thing) => appOf(thing) === appId),
      all: () => look('all', () => true),
      appOf,
    },
    async answerAll() {
      while (answers.length > 0) {
        for (const answer of answers.splice(0)) answer();
        await new Promise(setImmediate);
      }
    },
  };
}

describe('looks at apps', () => {
  test('few at once are each about one app', async () => {
    const { asked, looks, answerAll } = slowEngine(['a/1', 'b/1']);
    const look = sharing(looks);

    const seen = Promise.all([look('a'), look('b'), look('c')]);
    await answerAll();

    expect(await seen).toEqual([['a/1'], ['b/1'], []]);
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('many at once are answered by few, each with what is its own', async () => {
    const apps = Array.from({ length: 200 }, (_, n) => `app-${n}`);
    const { asked, looks, answerAll } = slowEngine(apps.flatMap((app) => [`${app}/1`, `${app}/2`]));
    const look = sharing(looks);

    const seen = Promise.all(apps.map(look));
    await new Promise(setImmediate);
    await answerAll();

    expect(await seen).toEqual(apps.map((app) => [`${app}/1`, `${app}/2`]));
    expect(asked.length).toBeLessThan(10);
  });

  test('nobody is answered by a look that began before it was asked for', async () => {
    const things = ['a/1'];
    const { looks, answerAll } = slowEngine(things);
    const look = sharing(looks);
    const before = Array.from({ length: 5 }, () => look('a'));
    await new Promise(setImmediate);

    things.push('a/2');
    const after = look('a');
    await answerAll();

    expect((await Promise.all(before)).at(-1)).toEqual(['a/1']);
    expect(await after).toEqual(['a/1', 'a/2']);
  });

  test('one that fails does so for all who waited for it, and is tried again for who comes next', async () => {
    const things = ['a/1'];
    const { looks, answerAll } = slowEngine(things);
    const look = sharing(looks);
    const alone = Array.from({ length: 4 }, () => look('a'));

    things.push('broken/1');
    const failing = Promise.allSettled([look('a'), look('b')]);
    await new Promise(setImmediate);
    await answerAll();
    things.pop();
    const five = Array.from({ length: 5 }, () => look('a'));
    await new Promise(setImmediate);
    await answerAll();

    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([...alone, ...five])).toEqual(
      Array.from({ length: 9 }, () => ['a/1']),
    );
  });
});
