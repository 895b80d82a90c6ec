/**
 * What the CLI remembers on this machine, in `<home>/cli/profile.json` (0600): which server it
 * speaks to, and for each server it has met the certificate, the user and the token.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cepHome } from '@cep/config/home';
import { writeDurably } from './durable-file.ts';
import { failure } from './failure.ts';

export interface Known {
  /** Signed in: a bearer token. */
  readonly token?: string;
  readonly username?: string;
  /** PEM: the one certificate that the server may show. Without it, what the system trusts. */
  readonly certificate?: string;
}

export interface Profile {
  /** Origin of the server that commands speak to, e.g. `https://localhost:8443`. */
  readonly server?: string;
  /** By origin. */
  readonly servers: Readonly<Record<string, Known>>;
}

const fileOf = (home: string): string => join(home, 'cli', 'profile.json');

/** @throws {CLIError} when there is a profile that cannot be read */
export function loadProfile(home: string): Profile {
  return readProfile(fileOf(home)) ?? { servers: {} };
}

/**
 * Signs the CLI in: from now on its commands speak to this server as this user. What it knows of
 * other servers stays.
 */
export function saveProfile({
  home,
  server,
  ...known
}: Known & { readonly home: string; readonly server: string | URL }): void {
  const { origin } = new URL(server);
  const { servers } = loadProfile(home);
  writeProfile(home, { server: origin, servers: { ...servers, [origin]: known } });
}

/** Forgets the token for one server, and nothing else. */
export function forgetToken(home: string, origin: string): void {
  const profile = loadProfile(home);
  const { token: _, ...known } = profile.servers[origin] ?? {};
  writeProfile(home, { ...profile, servers: { ...profile.servers, [origin]: known } });
}

/**
 * The profile of whoever typed the command: this machine user's own, else, under sudo, that of the
 * user who called it.
 */
export function findProfile(env: NodeJS.ProcessEnv): Profile {
  const own = readProfile(fileOf(cepHome(env)));
  if (own !== undefined || env.CEP_HOME || !env.SUDO_USER || process.getuid?.() !== 0)
    return own ?? { servers: {} };
  const folder = homeOf(env.SUDO_USER);
  const theirs = folder && readProfile(fileOf(join(folder, '.local/share/cep')));
  return theirs || { servers: {} };
}

function homeOf(user: string): string | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.map((line) => line.split(':')).find(([name]) => name === user)?.[5];
}

function readProfile(file: string): Profile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Profile;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure(`${file} cannot be read: remove it and run "cep login".`, { cause });
  }
}

const writeProfile = (home: string, profile: Profile): void =>
  writeDurably(fileOf(home), `${JSON.stringify(profile, undefined, 2)}\n`);
