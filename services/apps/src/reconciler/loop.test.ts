import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@cep/testing/eventually';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLoop, type Loop } from './loop.ts';
import type { Outcome } from './outcome.ts';

const quiet = { info() {}, warn() {}, error() {} };
const failed: Outcome = { is: 'failed', code: 'port-taken' };
const settled: Outcome = { is: 'settled' };

describe('the loop', () => {
  let loop: Loop;
  afterEach(() => loop.stop());

  /** A loop whose passes last a moment, during which `during` happens. */
  function passesOf(outcome: Outcome, during: (pass: number) => void): { count: number } {
    const passes = { count: 0 };
    loop = createLoop({
      log: quiet,
      async reconcile() {
        passes.count += 1;
        during(passes.count);
        await sleep(5);
        return outcome;
      },
    });
    return passes;
  }

  test('is not driven by the events that a failing pass causes itself', async () => {
    const passes = passesOf(failed, () => loop.nudge('wiki'));

    loop.wake('wiki');
    await sleep(100);

    expect(passes.count).toBe(1);
  });

  test('hears who asks during a pass, also when the pass fails', async () => {
    const passes = passesOf(failed, (pass) => pass === 1 && loop.wake('wiki'));

    loop.wake('wiki');

    await eventually(async () => expect(passes.count).toBe(2));
  });

  test('looks again after an event during a pass', async () => {
    const passes = passesOf(settled, (pass) => pass === 1 && loop.nudge('wiki'));

    loop.wake('wiki');

    await eventually(async () => expect(passes.count).toBe(2));
  });

  test('reconciles an app one pass at a time', async () => {
    let at = 0;
    let most = 0;
    loop = createLoop({
      log: quiet,
      async reconcile() {
        at += 1;
        most = Math.max(most, at);
        await sleep(5);
        at -= 1;
        return settled;
      },
    });

    for (let n = 0; n < 10; n += 1) loop.wake('wiki');
    await sleep(50);

    expect(most).toBe(1);
  });
});
