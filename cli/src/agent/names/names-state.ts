/** What an agent says of the names of its network, for `cep host status`; and what it was told to do. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDiskFull, writeDurably } from '../../durable-file.ts';
import type { HostFolder } from '../host-folder.ts';

export interface NamesState {
  /** Where this host answers, e.g. `10.42.0.2`. */
  readonly answersAt: readonly string[];
  /** What of this machine asks there; null: nothing. */
  readonly resolver: 'systemd-resolved' | 'resolv.conf' | null;
  /** What people can do about it, as a sentence. */
  readonly hint: string | null;
}

const POLL_MS = 50;

const stateOf = ({ path }: HostFolder): string => join(path, 'names.json');
const wishOf = ({ path }: HostFolder): string => join(path, 'dns.json');

export function writeNamesState(folder: HostFolder, state: NamesState): void {
  try {
    writeDurably(stateOf(folder), JSON.stringify(state));
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

export const readNamesState = (folder: HostFolder): NamesState | undefined =>
  read<NamesState>(stateOf(folder));

/** @returns nothing when it took longer */
export async function untilNamed(
  folder: HostFolder,
  { withinMs }: { readonly withinMs: number },
): Promise<NamesState | undefined> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const state = readNamesState(folder);
    if (state && state.answersAt.length > 0) return state;
    await sleep(POLL_MS);
  }
  return readNamesState(folder);
}

export const forgetNamesState = (folder: HostFolder): void =>
  rmSync(stateOf(folder), { force: true });

/** Whether the resolver of this machine is to know the names; unless somebody said otherwise. */
export const wantsResolver = (folder: HostFolder): boolean =>
  read<{ resolver: boolean }>(wishOf(folder))?.resolver ?? true;

export const wantResolver = (folder: HostFolder, resolver: boolean): void =>
  writeDurably(wishOf(folder), JSON.stringify({ resolver }));

function read<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
