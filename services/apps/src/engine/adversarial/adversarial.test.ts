import { describe, expect, test } from '@jest/globals';
import { good, ownLabels, scope, tries } from '../payload.fixture.ts';
import { judgeTargetHelper } from '../policy/target-helper.ts';
import {
  judgeContainer,
  judgeExec,
  judgeFiles,
  judgeNetwork,
  judgeUpdate,
  judgeVolume,
} from '../policy.ts';
import { judge, suites } from './cases.fixture.ts';

const all = suites.flatMap(([, cases]) => cases);

describe.each(suites)('%s: the policy refuses', (_file, cases) => {
  test.each(cases.map((each) => [each.refuse, each] as const))('%s', (_what, given) => {
    const refusal = judge(given);

    expect(refusal).toMatchObject({ rule: given.rule });
    expect(refusal?.message).toContain(refusal?.path || 'The request');
    expect(refusal?.remedy).toMatch(/\.$/);
  });
});

test('there are hundreds of them, and no two are alike', () => {
  const asked = all.map(({ refuse: _name, rule: _rule, ...request }) => JSON.stringify(request));

  expect(all.length).toBeGreaterThanOrEqual(300);
  expect(asked.filter((each, index) => asked.indexOf(each) !== index)).toEqual([]);
});

test('what they spoil is good before', () => {
  expect(judgeContainer(good.container, scope)).toBeUndefined();
  expect(judgeUpdate(good.update, scope, ownLabels)).toBeUndefined();
  expect(judgeNetwork(good.network, scope)).toBeUndefined();
  expect(judgeVolume(good.volume, scope)).toBeUndefined();
  expect(judgeVolume(good.pooled, scope)).toBeUndefined();
  expect(judgeExec(good.exec, scope, ownLabels)).toBeUndefined();
  expect(judgeFiles(good.files)).toBeUndefined();
  expect(judgeTargetHelper(good.tryFolder, tries.folder)).toBeUndefined();
  expect(judgeTargetHelper(good.tryBucket, tries.bucket)).toBeUndefined();
});

test('no refusal repeats a value, which may be a secret', () => {
  const secret = 'Xq7LongEnough';
  const spoilt = { ...good.container, Env: [`PASSWORD=${secret}\0`], Cmd: secret };

  expect(JSON.stringify(judgeContainer(spoilt, scope))).not.toContain(secret);
});
