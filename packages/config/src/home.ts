import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where cep keeps its state on this machine: `CEP_HOME`, else `/var/lib/cep` for root, else
 * `~/.local/share/cep` (XDG base directories).
 */
export function cepHome(env = process.env): string {
  if (env.CEP_HOME) return env.CEP_HOME;
  if (process.getuid?.() === 0) return '/var/lib/cep';
  return join(env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'cep');
}
