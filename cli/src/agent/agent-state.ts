import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDiskFull, writeDurably } from '../durable-file.ts';
import type { HostFolder } from './host-folder.ts';

/** What a running agent says of itself, for `cep host status`. */
export interface AgentState {
  /** Whether there is a connection to the control plane. */
  readonly connected: boolean;
  /** Why there is none, as a sentence. */
  readonly disconnectedBecause: string | null;
  readonly bundleVersion: number;
  readonly nebulaVersion: string;
  /** Why nebula does not run, or not with the newest bundle. */
  readonly problem: string | null;
}

const fileOf = ({ path }: HostFolder): string => join(path, 'agent.json');

/** A disk that is full keeps nobody from running. */
export function writeState(folder: HostFolder, state: AgentState): void {
  try {
    writeDurably(fileOf(folder), JSON.stringify(state));
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

/** @returns nothing when no agent has run here yet; what was written last when none runs now */
export function readState(folder: HostFolder): AgentState | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(folder), 'utf8')) as AgentState;
  } catch {
    return undefined;
  }
}
