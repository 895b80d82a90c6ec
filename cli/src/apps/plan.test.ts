import type { Plan } from '@cep/contracts/plans';
import { expect, test } from '@jest/globals';
import { describePlan } from './plan.ts';

const plan: Plan = {
  ...{ app: 'wiki', images: [], steps: [{ do: 'pull', what: 'wiki:2', after: [] }] },
  review: {
    version: { from: '1', to: '2\u001b[2J' },
    changes: [{ service: 'web', is: 'changed', what: ['image'] }],
    permissions: [
      { permission: 'gpu', path: 'compose/services/web/deploy', reason: 'draws', granted: true },
      { permission: 'dns', path: 'compose/services/web/dns', reason: null, granted: false },
    ],
    notes: ['Since revision 7: read the manual'],
  },
};

test('a plan begins with what a person has to agree to', () => {
  const text = describePlan(plan);

  expect(text).toMatch(/Version 1 becomes 2.*web +changed +image.*gpu +draws +yes.*dns.*new/s);
  expect(text).toContain('Note: Since revision 7');
  expect(text).toContain('Refused until an administrator agrees with: --grant dns --reason');
  expect(text).not.toContain('\u001b');
});

test('a plan of what is not there yet is its steps alone', () => {
  expect(describePlan({ ...plan, review: null })).toMatch(/^STEP.*pull +wiki:2/s);
});
