import { expect, test } from '@jest/globals';
import { readLocation } from './location.ts';

test.each([
  ['/srv/store/', { kind: 'folder', at: '/srv/store' }],
  ['/srv/../etc', { kind: 'folder', at: '/etc' }],
  ['https://git.example/a/b.git', { kind: 'git', at: 'https://git.example/a/b.git' }],
])('%s is a place', (text, place) => {
  expect(readLocation(text, false)).toEqual(place);
});

test('what comes in the clear needs a key', () => {
  expect(readLocation('http://git.example/b', true).kind).toBe('git');
  expect(() => readLocation('http://git.example/b', false)).toThrow('give a key');
});

test.each([
  'store',
  '../store',
  'file:///srv/store',
  'ssh://git@git.example/b',
  'git@git.example:a/b',
  'git://git.example/b',
  'ext::sh -c whoami',
  '--upload-pack=whoami',
  'https://',
  'https://git.example/b?x=1',
  'https://git.example/b\n',
  'https://ada:hunter2@git.example/b',
  'https://token@git.example/b',
])('%j is none, and a password is not repeated', (text) => {
  expect(() => readLocation(text, true)).toThrow(
    expect.objectContaining({
      code: 'invalid-request',
      message: expect.not.stringMatching(/hunter2|token@/),
    }),
  );
});
