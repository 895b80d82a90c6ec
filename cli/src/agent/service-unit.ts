/** The agent as a systemd service of ours; nebula's own units in Debian restart where they should reload. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeDurably } from '../durable-file.ts';
import { failure } from '../failure.ts';
import type { HostFolder } from './host-folder.ts';

const run = promisify(execFile);
const FOLDER = '/etc/systemd/system';

interface Unit {
  readonly folder: HostFolder;
  /** `CEP_HOME` of the one who installs it. */
  readonly home: string;
  /** What runs in the foreground, each word as it is. */
  readonly command: readonly string[];
  /** Path of the program, where it is not the system's. */
  readonly nebula?: string | undefined;
}

export const unitName = ({ network, host }: HostFolder): string => `cep-${network}-${host}.service`;

/** `systemd.unit(5)`, `systemd.service(5)`. It has to make interfaces and firewall rules, so it is root. */
export function unitText({ folder, home, command, nebula }: Unit): string {
  const { network, host } = folder;
  const environment = { CEP_HOME: home, ...(nebula && { CEP_NEBULA: nebula }) };
  return `[Unit]
Description=cep: ${host} on the network ${network}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
${Object.entries(environment)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
  .join('\n')}
ExecStart=${command.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ')}
KillMode=mixed
TimeoutStopSec=10
Restart=always
RestartSec=2
UMask=0077

[Install]
WantedBy=multi-user.target
`;
}

/** Systemd expands `%`, and splits at spaces; in commands alone, it expands `$`, too. */
const quoted = (word: string): string =>
  `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;

/**
 * Starts it, now and with the machine.
 *
 * @throws {CLIError} where systemd does not run, and with its own words when it refuses
 */
export async function installUnit(unit: Unit): Promise<void> {
  requireSystemd();
  const name = unitName(unit.folder);
  writeDurably(join(FOLDER, name), unitText(unit));
  chmodSync(join(FOLDER, name), 0o644);
  await systemctl('daemon-reload');
  await systemctl('enable', '--now', name);
}

/** @returns whether there was one */
export async function removeUnit(folder: HostFolder): Promise<boolean> {
  requireSystemd();
  const name = unitName(folder);
  if (!existsSync(join(FOLDER, name))) return false;
  await systemctl('disable', '--now', name);
  rmSync(join(FOLDER, name));
  await systemctl('daemon-reload');
  return true;
}

/** `sd_booted(3)` */
function requireSystemd(): void {
  if (existsSync('/run/systemd/system')) return;
  throw failure(
    'systemd does not run here: start "cep host connect" from what does, or use --detach.',
  );
}

async function systemctl(...args: string[]): Promise<void> {
  try {
    await run('systemctl', args);
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string };
    throw failure(`systemctl ${args.join(' ')} failed: ${stderr.trim()}`, { cause });
  }
}
