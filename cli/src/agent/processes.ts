/** Processes of this machine, told apart by when they began, since numbers are used again. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRecord {
  readonly pid: number;
  /** In ticks since the machine booted (`proc_pid_stat(5)`, field 22), with the boot's own id. */
  readonly started: string;
}

const POLL_MS = 50;

/** @returns nothing when there is no such process, or only its zombie */
export function recordOf(pid: number): ProcessRecord | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; what follows is plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, started: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs, and not another of the same number. */
export const isAlive = ({ pid, started }: ProcessRecord): boolean =>
  recordOf(pid)?.started === started;

/** Processes that were started with exactly these arguments after their program's name. */
export function findProcesses(...args: readonly string[]): ProcessRecord[] {
  const tail = `\0${args.join('\0')}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && hasTail(name, tail))
    .flatMap((name) => recordOf(Number(name)) ?? []);
}

function hasTail(pid: string, tail: string): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return line.slice(line.indexOf('\0')) === tail;
  } catch {
    return false;
  }
}

/** Ends a process: asks, waits up to `patienceMs`, then kills. Never touches another of its number. */
export async function end(record: ProcessRecord, patienceMs: number): Promise<void> {
  signal(record, 'SIGTERM');
  if (await isGone(record, patienceMs)) return;
  signal(record, 'SIGKILL');
  if (!(await isGone(record, 2_000))) throw new Error(`process ${record.pid} does not end`);
}

function signal(record: ProcessRecord, name: NodeJS.Signals): void {
  if (!isAlive(record)) return;
  try {
    process.kill(record.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGone(record: ProcessRecord, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(record)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
