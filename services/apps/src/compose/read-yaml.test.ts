import { describe, expect, test } from '@jest/globals';
import { readYaml } from './read-yaml.ts';

const read = (text: string) => readYaml(text, 'it');

describe('YAML', () => {
  test.each([
    ['restart: no', { restart: 'no' }],
    ['restart: false', { restart: 'false' }],
    ['version: 1.0', { version: '1.0' }],
    ['mode: 0644', { mode: '0644' }],
    ['port: 22:22', { port: '22:22' }],
    ['large: 12345678901234567890', { large: '12345678901234567890' }],
    ['quoted: "5"', { quoted: '5' }],
    ['nothing:', { nothing: null }],
    ['empty: ""', { empty: '' }],
    ['80: x', { '80': 'x' }],
    ['a: &a {b: 1}\nc: *a', { a: { b: '1' }, c: { b: '1' } }],
    ['a: &a {b: 1, c: 2}\nd: {<<: *a, c: 3}', { a: { b: '1', c: '2' }, d: { b: '1', c: '3' } }],
    ['%YAML 1.2\n---\na: no', { a: 'no' }],
    ['', null],
  ])('keeps scalars as they are written: %j', (text, tree) => {
    expect(read(text)).toEqual(tree);
  });

  test.each([
    ['what is not YAML', 'a: [1', 'line 1'],
    ['a key twice', 'a: 1\n"a": 2', 'the key "a" twice'],
    ['keys that are no text', '? [a]\n: 1', 'keys must be strings'],
    ['two documents', 'a: 1\n---\nb: 2', 'multiple documents'],
    ['YAML 1.1', '%YAML 1.1\n---\na: no', 'YAML 1.2'],
    ['a known tag', 'a: !!set {b}', 'tags'],
    ['the plainest tag', 'a: !!str 5', 'tags'],
    ['an unknown tag', 'a: !ruby/object {}', 'tags'],
    ['a tag behind an anchor', 'a: &x !foo {b: 1}\nc: *x', 'tags'],
    ['an alias of nothing', 'a: *b', 'Unresolved alias'],
    ['an alias within itself', 'a: &a [*a]', '"*a" in itself'],
    ['a merge of no map', 'a: &a 1\nb: {<<: *a}', 'Merge'],
    ['nested flow', '['.repeat(41), 'too deeply'],
    ['nested lists on one line', `${'- '.repeat(60)}x`, 'too deeply'],
    [
      'nested maps',
      Array.from({ length: 60 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''),
      'deeply',
    ],
    [
      'a mebibyte of keys',
      Array.from({ length: 90_000 }, (_, n) => `k${n}: a`).join('\n'),
      'too many',
    ],
    ['too much', 'x'.repeat(2 ** 20 + 1), '1 MiB'],
  ])('refuses %s', (_, text, words) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words) }),
    );
  });

  test('refuses a bomb of aliases at once', () => {
    const levels = Array.from({ length: 9 }, (_, n) =>
      n === 0
        ? 'a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]'
        : `a${n}: &a${n} [${Array(9)
            .fill(`*a${n - 1}`)
            .join()}]`,
    );

    expect(() => read(levels.join('\n'))).toThrow('cannot be expanded: Excessive alias count');
  });

  test.each([
    ['brackets', '['.repeat(2 ** 20)],
    ['braces', '{a: '.repeat(2 ** 18)],
    ['dashes', '- '.repeat(2 ** 19)],
    ['question marks', '? '.repeat(2 ** 19)],
  ])('refuses a mebibyte of %s without harm', (_, text) => {
    expect(() => read(text)).toThrow('too deeply');
  });

  test('gives no object a prototype', () => {
    const tree = read('__proto__: {polluted: 1}');

    expect(Object.keys(tree as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });
});
