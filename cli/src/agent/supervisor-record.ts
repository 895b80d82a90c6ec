/** Who runs a host on this machine: one supervisor at a time, and never taken for another process. */
import { linkSync, readFileSync, rmSync } from 'node:fs';
import { writeDurably } from '../durable-file.ts';
import type { HostFolder } from './host-folder.ts';
import { isAlive, type ProcessRecord, recordOf } from './processes.ts';

/** The supervisor that runs, if one does. */
export function findSupervisor({ supervisor }: HostFolder): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(supervisor, 'utf8')) as ProcessRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Makes this process the supervisor, unless one runs: then that one is returned. */
export function becomeSupervisor(folder: HostFolder): ProcessRecord | undefined {
  const running = findSupervisor(folder);
  if (running) return running;
  const draft = `${folder.supervisor}.${process.pid}`;
  writeDurably(draft, JSON.stringify(recordOf(process.pid)));
  try {
    rmSync(folder.supervisor, { force: true });
    linkSync(draft, folder.supervisor);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return findSupervisor(folder) ?? becomeSupervisor(folder);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Only the supervisor itself calls this, when it ends. */
export const retire = ({ supervisor }: HostFolder): void => rmSync(supervisor, { force: true });
