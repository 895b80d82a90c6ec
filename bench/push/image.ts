/** The gateway and the network service as the image of the stack has them: compiled, and run alike. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { cp, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles what the two are made of into `folder`, as deploy/Dockerfile does. */
export async function buildImage(folder: string): Promise<void> {
  const made = ['packages/*', 'services/network', 'gateway'];
  const workspaces = globSync(made, { cwd: root }).toSorted();
  for (const file of ['tsconfig.base.json', 'package.json']) {
    await cp(join(root, file), join(folder, file));
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const workspace of workspaces) {
    const options = { recursive: true, verbatimSymlinks: true };
    await cp(join(root, workspace), join(folder, workspace), options);
    const compile = ['--project', workspace, '--noCheck', '--types', ''];
    await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), compile, { cwd: folder });
  }
}

export interface Program {
  readonly pid: number;
  /** What it says when it listens. */
  readonly listening: { readonly url: string; readonly fingerprint?: string };
  /** @param signal  SIGKILL for an end that nobody prepared */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

interface Started {
  /** Where {@link buildImage} put it. */
  readonly folder: string;
  readonly name: 'gateway' | 'network';
  readonly settings: Readonly<Record<string, string>>;
}

/** Runs one with the command of docker-compose.yml, and the environment of the Dockerfile. */
export async function startProgram({ folder, name, settings }: Started): Promise<Program> {
  const { args, env } = await howToRun(name);
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const listening = await new Promise<Program['listening']>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    lines.on('line', (line) => {
      const said = JSON.parse(line);
      if (said.message === 'listening') resolve(said);
      else if (said.level !== 'info') process.stderr.write(`${line}\n`);
    });
  });
  return {
    pid: child.pid ?? 0,
    listening,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** Runs a program that says on which port it listens, in the same environment. */
export async function startBare(args: readonly string[]) {
  const env = { PATH: process.env.PATH, ...(await environment()) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    pid: child.pid ?? 0,
    port: Number(port),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

async function howToRun(name: string) {
  const compose = await readFile(join(root, 'docker-compose.yml'), 'utf8');
  const [, service = ''] = compose.split(`\n  ${name}:\n`);
  const [, command = ''] = /command: \[node, ([^\]]+)\]/.exec(service) ?? [];
  return { args: command.split(', '), env: await environment() };
}

/** What the image sets for every program. */
async function environment(): Promise<Record<string, string>> {
  const dockerfile = await readFile(join(root, 'deploy/Dockerfile'), 'utf8');
  const env = [...dockerfile.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [
    key,
    value.replace(/^"|"$/g, ''),
  ]);
  return Object.fromEntries(env);
}
