import { describe, expect, test } from '@jest/globals';
import { contentsOf, modeOf } from './contents.ts';

const use = (kind: 'data' | 'cache' | 'media' | 'config', more: object = {}) => ({
  ...{ class: kind, retain: true },
  ...more,
});

test('data and settings are in it, and what the template says nothing of; caches and media are not', () => {
  const app = { volumes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] };
  const uses = {
    ...{ a: use('data'), b: use('config'), c: use('cache'), d: use('media') },
    e: use('data', { backup: 'exclude' }),
    f: use('media', { backup: 'include' }),
  };

  expect(contentsOf(app, uses).volumes).toEqual(['a', 'b', 'f', 'g']);
});

test('patterns are below the volume that they are of', () => {
  const uses = {
    a: use('data', { exclude: ['thumbs/*', '/tmp'] }),
    b: use('cache', { exclude: ['x'] }),
  };

  expect(contentsOf({ volumes: ['a', 'b'] }, uses).excludes).toEqual(['a/thumbs/*', 'a/tmp']);
});

describe('an app is', () => {
  const some = { volumes: ['a'], excludes: [] };
  const none = { volumes: [], excludes: [] };
  test.each([
    ['stopped when it has data', some, undefined, undefined, 'stop'],
    ['left alone when it has none', none, undefined, undefined, 'hot'],
    ['kept still as its template says', some, undefined, 'pause', 'pause'],
    ['kept still as somebody says', some, 'hot', 'pause', 'hot'],
  ] as const)('%s', (_what, contents, asked, template, mode) => {
    expect(modeOf(contents, asked, template)).toBe(mode);
  });
});
