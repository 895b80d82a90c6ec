import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { end, findProcesses, isAlive, recordOf } from './processes.ts';

const SCRIPT = 'setInterval(() => {}, 9e5)';

const start = (...words: string[]) => spawn(process.execPath, ['-e', SCRIPT, '--', ...words]);

test('a process is known again, and is gone once it has ended', async () => {
  const child = start();
  const record = recordOf(child.pid ?? 0);

  expect(record && isAlive(record)).toBe(true);
  if (record) await end(record, 5_000);

  expect(record && isAlive(record)).toBe(false);
});

test('another process of the same number is left alone', async () => {
  const child = start();
  const stale = { pid: child.pid ?? 0, started: 'another boot/1' };

  await end(stale, 0);

  expect(isAlive(stale)).toBe(false);
  expect(recordOf(stale.pid)).toBeDefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('processes are found by exactly their arguments', async () => {
  const child = start('-config', '/tmp/one');
  await once(child, 'spawn');

  expect(findProcesses('-e', SCRIPT, '--', '-config', '/tmp/one').map(({ pid }) => pid)).toEqual([
    child.pid,
  ]);
  expect(findProcesses('-e', SCRIPT, '--', '-config', '/tmp/on')).toEqual([]);
  expect(findProcesses('-config', '/tmp/one')).toEqual([]);

  child.kill('SIGKILL');
  await once(child, 'exit');
});
