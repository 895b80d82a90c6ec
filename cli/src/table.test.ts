import { expect, test } from '@jest/globals';
import { card, table } from './table.ts';

test('columns are as wide as their widest cell, and nothing trails', () => {
  const rows = [
    { name: 'home', hosts: 2 },
    { name: 'a', hosts: 10 },
  ];

  expect(table(rows, { NAME: ({ name }) => name, HOSTS: ({ hosts }) => String(hosts) })).toBe(
    ['NAME  HOSTS', 'home  2', 'a     10'].join('\n'),
  );
});

test('of no rows it says what it is told to', () => {
  expect(table([], { NAME: () => '' }, 'There are none.')).toBe('There are none.');
});

test('a card leaves out what has no value', () => {
  expect(card({ Name: 'home', Network: null, State: 'running' })).toBe(
    ['Name:   home', 'State:  running'].join('\n'),
  );
});
