import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '@cep/contracts/bundle';
import type { HostFolder } from './host-folder.ts';
import { findStrays } from './nebula-process.ts';
import { deviceOf } from './nebula-settings.ts';
import { findSupervisor } from './supervisor-record.ts';

const POLL_MS = 25;

/** @param cidr  the host's address with its prefix, e.g. `10.42.0.2/16` */
function hasAddress(device: string, cidr: string): boolean {
  const [address] = cidr.split('/');
  return (networkInterfaces()[device] ?? []).some((each) => each.address === address);
}

/** The number of an interface: another one each time that it is made; nothing while there is none. */
export function ifindexOf(device: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether a host is on its network; one without an interface is when its nebula runs. */
export const isUp = (folder: HostFolder, { host }: Bundle): boolean =>
  host.interface
    ? hasAddress(deviceOf(folder.network), host.address)
    : findStrays(folder).length > 0;

/** @returns whether it was up, with somebody in charge of it, before `withinMs` were over or `stop` aborted */
export async function untilUp(
  folder: HostFolder,
  bundle: Bundle,
  { withinMs, stop }: { readonly withinMs: number; readonly stop?: AbortSignal },
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!findSupervisor(folder) || !isUp(folder, bundle)) {
    if (Date.now() > deadline || stop?.aborted) return false;
    await sleep(POLL_MS);
  }
  return true;
}
