import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '@cep/testing/lab-host';
import { saveProfile } from './profile.ts';
import type { FixtureServer } from './server.fixture.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Machine extends Disposable {
  readonly home: string;
  /** Runs the CLI as a process of its own, without a terminal. */
  cep(args: readonly string[], more?: { input?: string; env?: NodeJS.ProcessEnv }): Promise<Ran>;
  /** As after `cep login`. */
  signIn(server: FixtureServer): void;
}

/** A machine with a state of its own, on which `cep` is typed. */
export function makeMachine(): Machine {
  const home = mkdtempSync(join(tmpdir(), 'cep-cli-'));
  return {
    home,
    async cep(args, { input = '', env = {} } = {}) {
      const child = spawn(
        process.execPath,
        ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
        { env: { PATH: process.env.PATH, ...env, CEP_HOME: home } },
      );
      child.stdin.on('error', () => {}).end(input);
      const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { code: await closed, stdout, stderr };
    },
    signIn({ url, certificate }) {
      saveProfile({ home, server: url, token: 'good', username: 'ada', certificate });
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

export interface LabMachine {
  readonly home: string;
  cep(...args: string[]): Promise<Ran>;
  /** In the background. */
  connect(network: string, host: string, ...flags: string[]): Promise<void>;
  disconnect(): Promise<void>;
}

/** A machine of a lab, with a nebula of its own. `folder` begins the name of where cep keeps things. */
export function labMachine(host: LabHost, nebula: string, folder = 'cep-cli-'): LabMachine {
  const home = mkdtempSync(join(tmpdir(), folder));
  const env = { PATH: process.env.PATH, CEP_HOME: home, CEP_NEBULA: nebula };
  const program = ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN];
  let names: string[] = [];
  const cep = (...args: string[]) => host.exec(process.execPath, [...program, ...args], { env });
  return {
    home,
    cep,
    async connect(...args) {
      names = args.slice(0, 2);
      const { code, stderr } = await cep('host', 'connect', ...args, '--detach');
      if (code !== 0) throw new Error(stderr);
    },
    async disconnect() {
      await cep('host', 'disconnect', ...names);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
