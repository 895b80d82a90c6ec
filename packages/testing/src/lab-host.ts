import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 and more where a signal ended it. */
  readonly code: number;
}

export interface LabHost {
  readonly name: string;
  /** IPv4 in the lab's underlay. */
  readonly address: string;
  /** The name of its network namespace, for programs that enter it themselves. */
  readonly namespace: string;
  /** Runs a program there to its end, whatever its exit code. */
  exec(command: string, args?: readonly string[], options?: SpawnOptions): Promise<Outcome>;
  /** Starts a program there; the lab kills it at its end. */
  spawn(command: string, args?: readonly string[], options?: SpawnOptions): ChildProcess;
}

/** How programs run in a namespace: by `nsenter`, which unlike `ip netns exec` leaves the mounts (of cgroups, too) as they are. */
export function programsIn(
  namespace: string,
  children: Set<ChildProcess>,
): Pick<LabHost, 'exec' | 'spawn'> {
  const start: LabHost['spawn'] = (command, args = [], options = {}) => {
    const enter = [`--net=/run/netns/${namespace}`, '--', command, ...args];
    const child = spawn('nsenter', enter, { ...options, detached: true });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  return {
    spawn: start,
    async exec(command, args, options) {
      const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      const { stdout, stderr } = child;
      if (!stdout || !stderr) throw new Error('a child with pipes has no pipes');
      const [out, err, [code]] = await Promise.all([
        text(stdout),
        text(stderr),
        once(child, 'exit'),
      ]);
      return { stdout: out, stderr: err, code: code ?? 128 };
    },
  };
}

/** Ends these programs and all that they started. */
export async function killAll(children: ReadonlySet<ChildProcess>): Promise<void> {
  const ends = [...children].map(async (child) => {
    const ended = once(child, 'exit');
    // The whole group: what it started ends with it.
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  await Promise.allSettled(ends);
}
