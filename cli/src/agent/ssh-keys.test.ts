import { expect, test } from '@jest/globals';
import ssh from 'ssh2';
import { generateSshKeys, publicBytes } from './ssh-keys.ts';

test('every pair is whole, also the one in 256 that begins with a zero', () => {
  const pairs = Array.from({ length: 2_000 }, () => generateSshKeys(ssh.utils));

  const lengths = new Set(pairs.map((pair) => publicBytes(pair).length));

  expect([...lengths]).toEqual([51]);
});
