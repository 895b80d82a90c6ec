/** A host of a lab that is a machine of its own to its programs: with its processes, and its /etc. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabHost } from '@cep/testing/lab-host';

const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** What kind of machine it is, in scripts of the shell. */
interface Kind {
  /** Before it begins, with the folder of its /etc as `$1`. */
  readonly prepare?: string;
  /** More namespaces, by their options of `unshare`, which `nsenter` knows, too. */
  readonly namespaces?: readonly string[];
  /** Its first process, with the same `$1`: says "ready", and goes on. */
  readonly first: string;
  /** When all in it has ended, with the same `$1`. */
  readonly clear?: string;
}

export interface WholeMachine extends LabHost {
  /** Its /etc. */
  readonly etc: string;
  stop(): Promise<void>;
}

/** One on which nothing runs that is not started. */
export const wholeMachine = (host: LabHost): Promise<WholeMachine> =>
  startMachine(host, { first: 'mount --bind "$1" /etc && echo ready && exec sleep infinity' });

export async function startMachine(
  host: LabHost,
  { prepare = ':', namespaces = [], first, clear = ':' }: Kind,
): Promise<WholeMachine> {
  const etc = mkdtempSync(join(tmpdir(), 'cep-etc-'));
  execFileSync('sh', ['-c', 'cp -a /etc/. "$1"; chmod 755 "$1"', 'sh', etc]);
  const unshare = `exec unshare ${[...NAMESPACES, ...namespaces].join(' ')} sh -ec "$2" sh "$1"`;
  const args = ['-ec', `${prepare}\n${unshare}`, 'sh', etc, first];
  const holder = host.spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!holder.stdout) throw new Error('a child with pipes has no pipes');
  await once(holder.stdout, 'data');
  const pid = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
  const enter = ['--target', pid, '--mount', '--pid', ...namespaces, '--'];
  return {
    ...host,
    etc,
    exec: (command, more = [], options = {}) =>
      host.exec('nsenter', [...enter, command, ...more], options),
    spawn: (command, more = [], options = {}) =>
      host.spawn('nsenter', [...enter, command, ...more], options),
    async stop() {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
      await host.exec('sh', ['-c', clear, 'sh', etc]);
      rmSync(etc, { recursive: true, force: true });
    },
  };
}
