import { describe, expect, test } from '@jest/globals';
import { parseDuration, parseSize, splitWords } from './quantities.ts';

test.each([
  ['1', 1],
  ['64m', 67_108_864],
  ['64MB', 67_108_864],
  ['1.5g', 1_610_612_736],
  ['2 k', 2048],
  ['100b', 100],
  ['0', undefined],
  ['-1m', undefined],
  ['1x', undefined],
  ['m', undefined],
  ['', undefined],
  ['999999999999999t', undefined],
])('the size "%s" is %p bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['0', 0],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['100us', 0.1],
  ['5', undefined],
  ['s', undefined],
  ['1s x', undefined],
  ['', undefined],
])('the duration "%s" is %p milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

describe('a command line', () => {
  test.each([
    ['redis-server --port 1', ['redis-server', '--port', '1']],
    ["sh -c 'a  b'", ['sh', '-c', 'a  b']],
    ['sh -c "echo \\"x\\" \\n"', ['sh', '-c', 'echo "x" \\n']],
    ['a\\ b "" c', ['a b', '', 'c']],
    ['--name="x y"z', ['--name=x yz']],
    ['  a\n b\t', ['a', 'b']],
    ['$HOME *', ['$HOME', '*']],
    ['', []],
  ])('%j is split as a shell does', (line, words) => {
    expect(splitWords('at', line)).toEqual(words);
  });

  test.each(["sh -c 'a", 'a "b', 'a\\'])('%j is refused', (line) => {
    expect(() => splitWords('at', line)).toThrow('at has a quote');
  });

  test('may be long', () => {
    expect(splitWords('at', `a ${'x'.repeat(500_000)} ${'"y" '.repeat(50_000)}`)).toHaveLength(
      50_002,
    );
  });
});
