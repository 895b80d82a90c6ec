/** What a process takes, as Linux counts it (proc(5)). */
import { readFileSync } from 'node:fs';

/** Seconds of processor time so far: `utime` and `stime`, in ticks of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** In MB: all that is resident, and of that what is its own rather than a file's, such as Node's. */
export function memoryOf(pid: number): { readonly resident: number; readonly own: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  return { resident: field('VmRSS'), own: field('RssAnon') };
}
