import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

// Each is a cep that starts, or tries to.
jest.setTimeout(60_000);

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'cep-bad-days-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));

/** @param unread  nobody reads what it prints */
async function cep(env: NodeJS.ProcessEnv, { unread = false } = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN],
    {
      env: {
        PATH: process.env.PATH,
        ...{ CEP_HOME: home, CEP_PORT: '0', DOCKER_HOST: 'unix:///nowhere' },
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (unread) child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}

const commandLines = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });

test('a home that cannot be made is named, at once', async () => {
  expect(await cep({ CEP_HOME: '/proc/x' })).toEqual({
    code: 1,
    stderr: '/proc/x cannot be made or written (ENOENT); set CEP_HOME to a folder of yours.\n',
  });
});

test.each(['203.0.113.1', 'no.such.host.invalid', '2001:db8::1'])(
  'the address %s, which the machine does not have, is named',
  async (address) => {
    const { code, stderr } = await cep({ CEP_LISTEN: address });

    expect(code).toBe(1);
    expect(stderr).toBe(
      `CEP_LISTEN is ${address}, which is no address of this machine; leave it out to listen on every one.\n`,
    );
  },
);

test('cep stops in order when nobody reads its output', async () => {
  expect(await cep({}, { unread: true })).toEqual({
    code: 1,
    stderr: 'Nobody reads the output any more: cep stops.\n',
  });
  expect(commandLines().filter((line) => line.includes(home))).toEqual([]);
});
