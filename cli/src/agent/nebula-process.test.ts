import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { folderAt } from './host-folder.ts';
import { READY, superviseNebula } from './nebula-process.ts';

let path: string;
let stop: AbortController;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'cep-nebula-'));
  stop = new AbortController();
});
afterEach(() => rmSync(path, { recursive: true }));

/** As nebula does it, but slower: until it has said so, a SIGHUP ends it. */
const SLOW = `#!/bin/sh
echo 'level=info msg="Invalid certificate from host" cert="SSH server is listening"'
sleep 0.3
trap 'echo "level=info msg=\\"SSH server is listening\\""' HUP
echo 'level=info msg="SSH server is listening"'
while :; do sleep 0.02; done
`;

function supervise(program: string, prepare = async () => {}) {
  const nebula = join(path, 'nebula');
  writeFileSync(nebula, program, { mode: 0o700 });
  const crashes: string[] = [];
  const supervised = superviseNebula({
    ...{ nebula, prepare, folder: folderAt(path, 'home', 'laptop'), stop: stop.signal },
    log: () => {},
    onCrash: (sentence) => crashes.push(sentence),
  });
  return { ...supervised, crashes };
}

test('a nebula that is just starting is told to reload once it takes signals', async () => {
  const { hangUp, ended, crashes } = supervise(SLOW);

  const talk = await hangUp();

  expect(await talk.hears(READY, 2_000)).toBe(true);
  expect(crashes).toEqual([]);
  talk[Symbol.dispose]();
  stop.abort();
  await ended;
});

test('what keeps it from being started is told, and tried again', async () => {
  let attempts = 0;
  const { hangUp, ended, crashes } = supervise(SLOW, async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('no room for its file');
  });

  const talk = await hangUp();

  expect(await talk.hears(READY, 2_000)).toBe(true);
  expect(crashes).toEqual([expect.stringContaining('no room for its file')]);
  talk[Symbol.dispose]();
  stop.abort();
  await ended;
});
