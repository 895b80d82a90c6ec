/** A host of a lab that is a machine of its own to its programs: with its processes, and its /etc. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabHost } from '@cep/testing/lab-host';

const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const FIRST_PROCESS = 'mount --bind "$1" /etc && echo ready && exec sleep infinity';

interface WholeMachine extends LabHost, Disposable {
  /** Its /etc. */
  readonly etc: string;
}

export async function wholeMachine(host: LabHost): Promise<WholeMachine> {
  const etc = mkdtempSync(join(tmpdir(), 'cep-etc-'));
  execFileSync('sh', ['-c', 'cp -a /etc/. "$1"; chmod 755 "$1"', 'sh', etc]);
  const args = [...NAMESPACES, 'sh', '-c', FIRST_PROCESS, 'sh', etc];
  const holder = host.spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!holder.stdout) throw new Error('a child with pipes has no pipes');
  await once(holder.stdout, 'data');
  const first = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
  const enter = ['--target', first, '--mount', '--pid', '--'];
  return {
    ...host,
    etc,
    exec: (command, more = [], options = {}) =>
      host.exec('nsenter', [...enter, command, ...more], options),
    spawn: (command, more = [], options = {}) =>
      host.spawn('nsenter', [...enter, command, ...more], options),
    [Symbol.dispose]() {
      holder.kill('SIGKILL');
      rmSync(etc, { recursive: true, force: true });
    },
  };
}
