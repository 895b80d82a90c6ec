import { describe, expect, test } from '@jest/globals';
import { interpolate, interpolateTree, variablesInTree } from './interpolate.ts';

const values: Record<string, string> = { A: 'a', EMPTY: '', B: 'b', DOLLAR: '$A ${A}' };
const lookup = (name: string) => values[name];

describe('a variable', () => {
  test.each([
    ['$A', 'a'],
    ['${A}', 'a'],
    ['x$A-${A}y', 'xa-ay'],
    ['$UNSET', ''],
    ['${UNSET}', ''],
    ['${A:-d}', 'a'],
    ['${EMPTY:-d}', 'd'],
    ['${UNSET:-d}', 'd'],
    ['${A-d}', 'a'],
    ['${EMPTY-d}', ''],
    ['${UNSET-d}', 'd'],
    ['${A:?e}', 'a'],
    ['${A?e}', 'a'],
    ['${EMPTY?e}', ''],
    ['${A:+d}', 'd'],
    ['${EMPTY:+d}', ''],
    ['${UNSET:+d}', ''],
    ['${A+d}', 'd'],
    ['${EMPTY+d}', 'd'],
    ['${UNSET+d}', ''],
    ['${UNSET:-}', ''],
    ['${UNSET:-${EMPTY:-$B}}', 'b'],
    ['${UNSET:-http://$B:80/}', 'http://b:80/'],
    ['${A:+${UNSET:-x}}}', 'x}'],
    ['${UNSET:-$$}', '$'],
    ['$$A $${A} $$$A', '$A ${A} $a'],
    ['a } b', 'a } b'],
    ['', ''],
  ])('%s becomes "%s"', (text, expected) => {
    expect(interpolate(text, lookup)).toBe(expected);
  });

  test('is replaced once: what its value looks like does not matter', () => {
    expect(interpolate('$DOLLAR', lookup)).toBe('$A ${A}');
  });

  test.each([
    ['${UNSET:?say it}', 'say it'],
    ['${UNSET?say $B}', 'say b'],
    ['${EMPTY:?}', 'EMPTY must have a value'],
    ['${A', '"${A"'],
    ['${UNSET:-x', 'never closed'],
    ['${UNSET:-${B}', 'never closed'],
    ['cost: 5$', '"$"'],
    ['$1', '"$1"'],
    ['${}', '"${}"'],
    ['${A:x}', '"${A:x}"'],
    ['${A!}', '"${A!}"'],
    ['${A:-'.repeat(50), 'too deeply'],
  ])('%s is refused', (text, words) => {
    expect(() => interpolate(text, lookup)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringContaining(words),
      }),
    );
  });

  test('knows only what it is told, not the environment of the process', () => {
    expect(interpolate('${PATH-}${HOME-}', lookup)).toBe('');
  });
});

describe('a tree', () => {
  test('is interpolated in its values, not in its keys', () => {
    const tree = { $A: ['${A}', null, { b: '$B' }] };

    expect(interpolateTree(tree, lookup)).toEqual({ $A: ['a', null, { b: 'b' }] });
  });

  test('names the place of a problem', () => {
    expect(() => interpolateTree({ services: { web: { image: '${' } } }, lookup)).toThrow(
      'compose/services/web/image: "${"',
    );
  });

  test('tells of every variable, also of those in words that are not used', () => {
    expect(variablesInTree({ a: '${A:-${B}}', b: ['$$C $D'] })).toEqual([
      { name: 'A', path: 'compose/a', isRequired: false },
      { name: 'B', path: 'compose/a', isRequired: false },
      { name: 'D', path: 'compose/b/0', isRequired: true },
    ]);
  });

  test('does not grow without bound by large values', () => {
    const large = () => 'x'.repeat(65_536);

    expect(() => interpolateTree(['$A'.repeat(500_000)], large)).toThrow('too large');
  });

  test('does not grow without bound by parts that are named many times', () => {
    const part = Array<string>(1000).fill('x');

    expect(() => interpolateTree(Array<string[]>(100).fill(part), lookup)).toThrow('too many');
  });
});
