/** As root, `cep` becomes a command of this machine: a link to the launcher of this folder. */
import { existsSync, lstatSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LINK = '/usr/local/bin/cep';
const launcher = fileURLToPath(new URL('../cli/bin/cep', import.meta.url));

/** @returns how people type it here: `cep`, or `./cep` where the name is somebody else's */
export function linkCommand() {
  try {
    if (isLink(LINK) && readlinkSync(LINK) === launcher) return 'cep';
    // A link of ours to a folder that is gone may be replaced; anything else is not ours.
    if (isLink(LINK) && !existsSync(LINK)) unlinkSync(LINK);
    if (process.getuid?.() !== 0 || existsSync(LINK)) return './cep';
    symlinkSync(launcher, LINK);
    console.log(`Made ${LINK}, so that "cep" is a command.`);
    return 'cep';
  } catch {
    return './cep';
  }
}

const isLink = (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
