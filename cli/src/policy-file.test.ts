import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readPolicy, writePolicy } from './policy-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'policies-'));
const path = join(folder, 'policy.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string) => {
  writeFileSync(path, text);
  return readPolicy(path);
};
const YAML = `rules:
  - name: the family's files
    from: [group:family, host:laptop]
    to: [host:nas]
    allow: [tcp:443, udp:8000-8010, icmp]
tests:
  - from: host:laptop
    to: host:nas
    allow: [tcp:443]
    deny: [tcp:22]
`;

test('what is shown can be set again, and reads well', async () => {
  const policy = await read(YAML);

  expect(writePolicy(policy)).toBe(YAML);
  expect(await read(JSON.stringify(policy))).toEqual(policy);
});

test.each([
  ['rules: [', /policy\.yaml is not YAML: .*line 1/],
  [
    'rules: [{ from: [any], to: [any], allow: [any], form: [any] }]',
    /rules\/0 has no member "form"/,
  ],
  ['rules: [{ from: [any], to: [any], allow: [tcp:x] }]', /rules\/0\/allow\/0 is not valid/],
  ['', /policy\.yaml must be object/],
])('%j is refused with its place', async (text, sentence) => {
  await expect(read(text)).rejects.toThrow(sentence);
});

test('a file that is not there is named', async () => {
  await expect(readPolicy(join(folder, 'none.yaml'))).rejects.toThrow(/none\.yaml cannot be read/);
});
