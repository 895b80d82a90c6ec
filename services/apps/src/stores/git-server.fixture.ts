/** A git repository, served over HTTP by git's own program. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);

export async function gitServer() {
  const root = await mkdtemp(join(tmpdir(), 'cep-git-'));
  const work = join(root, 'work');
  const bare = join(root, 'store.git');
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const git = (...args: string[]) => run('git', args, { cwd: root, env });
  await git('init', '--quiet', '--bare', '--initial-branch=main', bare);
  await git('clone', '--quiet', bare, work);
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const { pathname, search } = new URL(req.url ?? '/', 'http://localhost');
    const program = spawn('git', ['http-backend'], {
      env: {
        ...env,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: req.method,
        CONTENT_TYPE: req.headers['content-type'] ?? '',
        ...(req.headers['git-protocol'] && { GIT_PROTOCOL: String(req.headers['git-protocol']) }),
        ...(req.headers['content-encoding'] && {
          HTTP_CONTENT_ENCODING: req.headers['content-encoding'],
        }),
      },
    });
    req.pipe(program.stdin);
    const output = await buffer(program.stdout);
    const end = output.indexOf('\r\n\r\n');
    for (const line of output.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') res.statusCode = Number.parseInt(value, 10);
      else res.setHeader(name, value);
    }
    res.end(output.subarray(end + 4));
  };
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/store.git`,
    /** Makes these the files of the repository, beside those that are there. */
    async commit(texts: Readonly<Record<string, string>>): Promise<void> {
      for (const [path, text] of Object.entries(texts)) {
        await mkdir(dirname(join(work, path)), { recursive: true });
        await writeFile(join(work, path), text);
      }
      await git('-C', work, 'add', '--all');
      await git('-C', work, 'commit', '--quiet', '--message', 'change');
      await git('-C', work, 'push', '--quiet', 'origin', 'HEAD:main');
    },
    async close(): Promise<void> {
      await new Promise((resolve) => server.close(resolve));
      await rm(root, { recursive: true });
    },
  };
}
