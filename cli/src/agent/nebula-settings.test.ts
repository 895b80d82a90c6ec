import { expect, test } from '@jest/globals';
import { deviceOf } from './nebula-settings.ts';

test.each(['home', 'a-network-with-a-long-name', 'x'.repeat(63)])(
  'the interface of %s has a name that Linux takes',
  (network) => {
    expect(deviceOf(network)).toMatch(/^nebula-[a-z0-9-]{1,8}$/);
  },
);

test('networks whose names begin alike have interfaces of their own', () => {
  expect(deviceOf('production-east')).not.toBe(deviceOf('production-west'));
});
