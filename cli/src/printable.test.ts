import { expect, test } from '@jest/globals';
import { printable } from './printable.ts';
import { card, table } from './table.ts';

test.each([
  ['colours', '\x1b[1;31merror\x1b[0m', '\x1b[1;31merror\x1b[0m'],
  ['tabs and lines', 'a\tb\nc', 'a\tb\nc'],
  ['other scripts', 'naïve 日本 🙂', 'naïve 日本 🙂'],
  ['no clearing of the screen', '\x1b[2Jgone', '\ufffd[2Jgone'],
  ['no title, no clipboard', '\x1b]52;c;aGk=\x07', '\ufffd]52;c;aGk=\ufffd'],
  ['no return over what was written', 'FAILED\rfine', 'FAILED\ufffdfine'],
  ['no escapes in one byte', '\x9b2J', '\ufffd2J'],
  ['no reversed text', 'txt.\u202eexe', 'txt.\ufffdexe'],
])('text from elsewhere has %s', (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('tables and cards show nothing that a terminal would obey', () => {
  expect(card({ Why: 'a\x1b[2Jb' })).toBe('Why:  a\ufffd[2Jb');
  expect(table([{ name: '\x1b]0;x\x07' }], { NAME: ({ name }) => name })).toContain('\ufffd]0;x');
});
