import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type HostFolder, hostFolder } from './host-folder.ts';

/** Every host that this machine is, or was about to become, by network and name. */
export function findHostFolders(home: string): HostFolder[] {
  const root = join(home, 'hosts');
  return foldersIn(root).flatMap((network) =>
    foldersIn(join(root, network)).map((host) => hostFolder(home, network, host)),
  );
}

function foldersIn(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
