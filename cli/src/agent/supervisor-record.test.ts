import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { becomeSupervisor, findSupervisor } from './supervisor-record.ts';

let path: string;
let supervisor: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cep-supervisor-'));
  supervisor = join(path, 'supervisor.json');
});
afterEach(() => rmSync(path, { recursive: true }));

/** Of one that was killed, with a number that is in use again. */
const KILLED = JSON.stringify({ pid: process.pid, started: 'before' });

test('takes the place of one that was killed, also in the midst of that', () => {
  writeFileSync(supervisor, KILLED);
  writeFileSync(`${supervisor}.claim`, KILLED);

  expect(becomeSupervisor({ supervisor })).toBeUndefined();

  expect(findSupervisor({ supervisor })).toMatchObject({ pid: process.pid });
  expect(becomeSupervisor({ supervisor })).toMatchObject({ pid: process.pid });
  expect(readdirSync(path)).toEqual(['supervisor.json']);
});

const PROCESSES = 4;
const ROUNDS = 30;

/** Each round begins for all at one time: whoever finds nobody says the round. */
const RACE = `
  const { becomeSupervisor } = await import(process.argv[1]);
  const [, , folder, begin] = process.argv;
  for (let round = 0; round < ${ROUNDS}; round += 1) {
    while (Date.now() < Number(begin) + round * 25);
    const supervisor = folder + '/' + round;
    if (becomeSupervisor({ supervisor }) === undefined) console.log(round);
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
`;

test('of many that begin at once one is it', async () => {
  for (let round = 0; round < ROUNDS; round += 1) writeFileSync(join(path, String(round)), KILLED);
  const module = new URL('./supervisor-record.ts', import.meta.url).href;
  const begin = String(Date.now() + 1_500);
  const args = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const race = ['--input-type=module', '-e', RACE, module, path, begin];

  const said = await Promise.all(
    Array.from({ length: PROCESSES }, () => {
      const child = spawn(process.execPath, [...args, ...race], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      return text(child.stdout);
    }),
  );

  const winners = said.join('').trim().split('\n').map(Number);
  expect(winners.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ROUNDS }, (_, at) => at));
}, 30_000);
