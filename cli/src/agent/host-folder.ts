/** Where a machine keeps what it is as one host of one network: a folder for its owner alone. */
import { join } from 'node:path';
import { wrongUsage } from '../failure.ts';

export interface HostFolder {
  readonly network: string;
  readonly host: string;
  readonly path: string;
  /** Nebula's whole configuration, private key included. */
  readonly config: string;
  /** Who runs it; see `supervisor-record.ts`. */
  readonly supervisor: string;
  readonly log: string;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** @throws {CLIError} for names that are none, which as paths could lead anywhere */
export function hostFolder(home: string, network: string, host: string): HostFolder {
  for (const name of [network, host]) {
    if (!LABEL.test(name))
      throw wrongUsage(`"${name}" is not a name: use lower-case letters, digits and hyphens.`);
  }
  return folderAt(join(home, 'hosts', network, host), network, host);
}

export const folderAt = (path: string, network: string, host: string): HostFolder => ({
  network,
  host,
  path,
  config: join(path, 'nebula.yml'),
  supervisor: join(path, 'supervisor.json'),
  log: join(path, 'log'),
});
