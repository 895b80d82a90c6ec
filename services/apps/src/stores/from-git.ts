/**
 * Reads a store from a git repository that nobody vouches for. Its files are never written out: they
 * are read from a bare clone, so that no path, link, hook, filter or submodule of it has an effect.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { assertModest, type Fetched, isWanted, unusable } from './files.ts';

/** The gateway waits for a minute; then it must have been said what is wrong. */
const PATIENCE_MS = 30_000;
const MAX_CLONE_BYTES = 64 * 1024 * 1024;
const WATCH_MS = 100;

const HARDENED = [
  ['core.hooksPath', '/dev/null'],
  ['core.bigFileThreshold', '1m'],
  ['core.fsmonitor', 'false'],
  ['credential.helper', ''],
  ['fetch.fsckObjects', 'true'],
  ['http.followRedirects', 'initial'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '20'],
  ['protocol.allow', 'never'],
  ['protocol.http.allow', 'always'],
  ['protocol.https.allow', 'always'],
  ['submodule.recurse', 'false'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/**
 * @param url  http or https, without credentials
 * @throws {Problem} `store-unusable`, also when it is too large or takes too long; `unavailable` when
 *   this machine has no git
 */
export async function fetchGit(url: string): Promise<Fetched> {
  const folder = await mkdtemp(join(tmpdir(), 'cep-store-'));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const repository = join(folder, 'store.git');
    const shallow = ['--bare', '--depth=1', '--single-branch', '--no-tags', '--template='];
    await git(folder, signal, ['clone', '--quiet', ...shallow, '--', url, repository]);
    const read = (args: string[], input?: string) =>
      git(folder, signal, ['--git-dir', repository, ...args], input);
    const revision = (await read(['rev-parse', '--verify', 'HEAD^{commit}'])).toString().trim();
    const list = await read(['ls-tree', '-r', '-z', '-l', '--full-tree', revision]);
    const entries = readTree(list.toString());
    assertModest(entries);
    const input = entries.map(({ object }) => `${object}\n`).join('');
    const blobs = input ? await read(['cat-file', '--batch'], input) : Buffer.alloc(0);
    return { files: readBlobs(blobs, entries), revision };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Entry {
  readonly path: string;
  readonly object: string;
  readonly bytes: number;
}

/** Regular files alone: `MODE blob OBJECT SIZE\tPATH`. */
export const readTree = (list: string): Entry[] =>
  list.split('\0').flatMap((line) => {
    const [, object, bytes, path] = /^100(?:644|755) blob (\w+) +(\d+)\t(.+)$/.exec(line) ?? [];
    return object && path && isWanted(path) ? { path, object, bytes: Number(bytes) } : [];
  });

/** Each is `OBJECT blob SIZE\n`, its bytes, and a line feed. */
function readBlobs(output: Buffer, entries: readonly Entry[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let at = 0;
  for (const { path, bytes } of entries) {
    const start = output.indexOf('\n', at) + 1;
    files.set(path, output.subarray(start, start + bytes));
    at = start + bytes + 1;
  }
  return files;
}

/** Runs git where nothing of this machine's configuration or environment reaches it. */
async function git(
  folder: string,
  signal: AbortSignal,
  args: string[],
  input = '',
): Promise<Buffer> {
  const child = spawn('git', [...HARDENED, ...args], {
    cwd: folder,
    // A group of its own, as git has children that outlive it.
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      LC_ALL: 'C',
      GIT_ALLOC_LIMIT: '128m',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '/bin/false',
    },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const kill = () => killGroup(child);
  const watch = watchSize(folder, kill);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  // It may end before it has read all.
  child.stdin.once('error', () => {}).end(input);
  try {
    const read = (stream: Readable) => buffer(stream.pipe(watch.counted()));
    const [stdout, stderr, status] = await Promise.all([
      read(child.stdout),
      read(child.stderr),
      ended,
    ]);
    if (watch.tooLarge()) throw unusable(`is larger than ${MAX_CLONE_BYTES} bytes`);
    if (signal.aborted) throw unusable(`did not come within ${PATIENCE_MS / 1000} seconds`);
    if (status === 0) return stdout;
    throw unusable(`cannot be read by git: ${lastLine(stderr.toString())}`);
  } catch (error) {
    throw isMissing(error) ? unusable(NO_GIT, error) : error;
  } finally {
    watch.stop();
    signal.removeEventListener('abort', kill);
  }
}

const NO_GIT =
  'is a git repository, and the server has no git: install it, or copy the store into a folder';

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const lastLine = (text: string): string =>
  (text.trim().split('\n').at(-1) ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\.$/, '')
    .slice(0, 300);

/** Ends what writes or says more than a store may have. */
function watchSize(folder: string, kill: () => void) {
  let isLarge = false;
  let said = 0;
  const judge = (bytes: number) => {
    isLarge ||= bytes > MAX_CLONE_BYTES;
    if (isLarge) kill();
  };
  const look = async () => judge(await sizeOf(folder));
  const timer = setInterval(() => void look(), WATCH_MS);
  return {
    counted: () =>
      new Transform({
        transform(chunk: Buffer, _encoding, done) {
          said += chunk.length;
          judge(said);
          done(null, isLarge ? null : chunk);
        },
      }),
    tooLarge: () => isLarge,
    stop: () => clearInterval(timer),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
