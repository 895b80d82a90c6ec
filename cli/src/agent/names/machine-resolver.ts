/** The resolver of this machine: what it is, and that it asks our server about one network. */
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stage } from '../../durable-file.ts';
import { type Owner, serversOf, withoutServer, withServer } from './resolv-conf.ts';
import { type Link, revertCommand, splitCommands } from './resolved.ts';
import type { Found } from './way.ts';

const RESOLV_CONF = '/etc/resolv.conf';
/** Where systemd-resolved keeps its state while it runs. */
const RESOLVED = '/run/systemd/resolve';

export const findResolver = (): Found => ({
  text: readText(),
  link: linkOf(),
  resolved: existsSync(RESOLVED) && resolvectl() !== undefined,
  ownNetwork: networkOf('self') === (networkOf('1') ?? networkOf('self')),
});

/** The servers that this machine asks, ours among them. */
export const findServers = (): string[] => serversOf(readText() ?? '');

/** @throws the system's error where the file cannot be replaced */
export function putServer(owner: Owner, address: string): void {
  change((text) => withServer(text, owner, address));
}

/** May be repeated. @throws the system's error where the file cannot be replaced */
export function takeServer(owner: Owner): void {
  if (linkOf() === undefined) change((text) => withoutServer(text, owner));
}

/** @throws {Error} with resolvectl's own words */
export async function splitDns(link: Link): Promise<void> {
  for (const args of splitCommands(link)) await resolve(args);
}

/** Without the interface there is nothing to revert. */
export async function revertDns(link: Pick<Link, 'device'>): Promise<void> {
  if (existsSync(RESOLVED)) await resolve(revertCommand(link)).catch(() => {});
}

/** Whole or not at all; what somebody else writes at the same moment is not written over. */
function change(edit: (text: string) => string): void {
  for (;;) {
    const before = readText();
    if (before === undefined || edit(before) === before) return;
    const { mode, uid, gid } = statSync(RESOLV_CONF);
    const staged = stage(RESOLV_CONF, Buffer.from(edit(before), 'latin1'), {
      mode: mode & 0o7777,
      uid,
      gid,
    });
    try {
      if (readText() !== before) continue;
      return staged.commit();
    } finally {
      staged.discard();
    }
  }
}

/** A letter for each byte, so that every byte stays what it is. */
function readText(): string | undefined {
  try {
    return readFileSync(RESOLV_CONF, 'latin1');
  } catch {
    return undefined;
  }
}

const linkOf = (): string | undefined =>
  lstatSync(RESOLV_CONF, { throwIfNoEntry: false })?.isSymbolicLink()
    ? readlinkSync(RESOLV_CONF)
    : undefined;

function networkOf(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/net`);
  } catch {
    return undefined;
  }
}

const resolvectl = (): string | undefined =>
  ['/usr/bin', '/bin'].map((folder) => join(folder, 'resolvectl')).find(existsSync);

async function resolve(args: readonly string[]): Promise<void> {
  const program = resolvectl();
  if (program !== undefined) await promisify(execFile)(program, [...args]);
}
