/** Who runs a host on this machine: one supervisor at a time, and never taken for another process. */
import { linkSync, readFileSync, rmSync } from 'node:fs';
import { writeDurably } from '../durable-file.ts';
import type { HostFolder } from './host-folder.ts';
import { isAlive, type ProcessRecord, recordOf } from './processes.ts';

/** The supervisor that runs, if one does. */
export const findSupervisor = ({ supervisor }: Pick<HostFolder, 'supervisor'>) =>
  findLiving(supervisor);

function findLiving(path: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Makes this process the supervisor, unless one runs, or is about to: then that one is returned. */
export function becomeSupervisor(
  folder: Pick<HostFolder, 'supervisor'>,
): ProcessRecord | undefined {
  const { supervisor } = folder;
  const draft = `${supervisor}.${process.pid}`;
  const claim = `${supervisor}.claim`;
  writeDurably(draft, JSON.stringify(recordOf(process.pid)));
  try {
    // Who takes the place of one that was killed does so alone: two would each remove the other's record.
    while (!isNew(draft, claim)) {
      const other = findSupervisor(folder) ?? findLiving(claim);
      if (other) return other;
      rmSync(claim, { force: true });
    }
    try {
      const running = findSupervisor(folder);
      if (running) return running;
      rmSync(supervisor, { force: true });
      linkSync(draft, supervisor);
      return undefined;
    } finally {
      rmSync(claim, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @returns whether the file had not been there, and now is */
function isNew(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Only the supervisor itself calls this, when it ends. */
export const retire = ({ supervisor }: HostFolder): void => rmSync(supervisor, { force: true });
