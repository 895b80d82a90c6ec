/**
 * Keeps neighbours out, and apps from passing for their machine. Linux answers on any of its
 * interfaces for any of its addresses, and forwards between all of them once Docker runs. Measured:
 * - Who routes packets for our overlay address to us reached what listens on it without ever having
 *   been on the network. Such packets are dropped before Docker rewrites them.
 * - What an app sends into the overlay came out with this host's own address, so that an app of one
 *   project was a trusted member to the hosts of another. Nothing is forwarded into the overlay but
 *   answers.
 * - Who routes packets for a container to us reached the ports of an app that is for this machine
 *   alone (before Docker 28). Nothing is forwarded to apps but what came by a published port.
 * - Of a cloud, an app learnt the secrets of its machine, which are told to whoever asks from there.
 *   Nothing of apps is forwarded to the addresses of such services.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '@cep/contracts/bundle';
import { deviceOf } from './nebula-settings.ts';

interface Guarded {
  /** Nebula's interface; it need not exist yet. */
  readonly device: string;
  /** The overlay address of this host, e.g. `10.42.0.2`. */
  readonly address: string;
  /** The one of IPv6, if it has one. */
  readonly address6?: string | undefined;
}

/** What the guard needs to know of a host; one without an interface needs none. */
export const guardedOf = ({ network, host, version2 }: Bundle): Guarded | undefined =>
  host.interface
    ? {
        device: deviceOf(network.name),
        address: addressOf(host.address),
        ...(version2 && { address6: addressOf(version2.host.address) }),
      }
    : undefined;

const addressOf = (cidr: string): string => cidr.split('/')[0] ?? '';

/** A chain of our own and where packets come to it from. */
interface Chain {
  readonly family: Family;
  readonly name: string;
  readonly from: readonly string[];
  readonly rules: readonly string[];
}

/**
 * Docker leaves it alone, so what is dropped there no rule of Docker's lets in; a packet's connection
 * is known there, and Docker has not yet changed where it goes.
 */
const TABLE = 'mangle';

/** What begins a connection; answers belong to one. */
const NEW = '-m conntrack --ctstate NEW';

/** Answers to what this machine asked: its own containers answer through their bridge. */
const ANSWERS = '-m conntrack --ctdir REPLY';

/** The two programs, as IPv4 and IPv6 have tables of their own. */
type Family = 'iptables' | 'ip6tables';

function chainsOf({ device, address, address6 }: Guarded): Chain[] {
  const into = (family: Family, destination: string): Chain => ({
    family,
    name: `cep-in-${device}`,
    from: ['PREROUTING', '--destination', destination],
    rules: ['-i lo -j RETURN', `-i ${device} -j RETURN`, `${ANSWERS} -j RETURN`, '-j DROP'],
  });
  const outOf = (family: Family): Chain => ({
    family,
    name: `cep-out-${device}`,
    from: ['FORWARD', '--out-interface', device],
    rules: [`${NEW} -j DROP`],
  });
  const first = [into('iptables', address), outOf('iptables')];
  if (address6 === undefined) return first;
  return [...first, into('ip6tables', address6), outOf('ip6tables')];
}

/** Where clouds tell machines their secrets; link-local ones beside them are no app's business either. */
const METADATA = { iptables: '169.254.0.0/16', ip6tables: 'fd00:ec2::254/128' };

/** The bridges of apps are named `cep-…`, by services/apps/src/engine/names.ts. */
const appsOf = (family: Family): Chain[] => [
  {
    family,
    name: 'cep-apps',
    from: ['FORWARD', '--out-interface', 'cep-+'],
    rules: ['-i cep-+ -j RETURN', `${NEW} -m conntrack ! --ctstate DNAT -j DROP`],
  },
  {
    family,
    name: 'cep-metadata',
    from: ['FORWARD', '--in-interface', 'cep-+', '--destination', METADATA[family]],
    rules: ['-j DROP'],
  },
];

/**
 * Puts the guard of a host up; may be repeated. Every machine with Docker has iptables.
 *
 * @returns false where there is no iptables: nothing is guarded then
 * @throws {Error} with iptables' own words when it refuses
 */
export async function guard(guarded: Guarded): Promise<boolean> {
  if (!program('iptables')) return false;
  for (const chain of chainsOf(guarded)) await putUp(chain);
  return true;
}

/** Takes the guard of a host down, if it is up. */
export async function unguard(guarded: Guarded): Promise<void> {
  if (!program('iptables')) return;
  for (const { family, name, from } of chainsOf(guarded)) {
    for (const change of [
      ['--delete', ...from, '--jump', name],
      ['--flush', name],
      ['--delete-chain', name],
    ]) {
      await iptables(family, ['--wait', '--table', TABLE, ...change]).catch(() => {});
    }
  }
}

/** As {@link guard}, for the apps of this machine. It stays, as apps go on when cep stops. */
export async function guardApps(): Promise<boolean> {
  if (!program('iptables')) return false;
  const families: Family[] = existsSync(IPV6) ? ['iptables', 'ip6tables'] : ['iptables'];
  for (const chain of families.flatMap(appsOf)) await putUp(chain);
  return true;
}

/** Absent where the kernel has no IPv6. */
const IPV6 = '/proc/net/if_inet6';

async function putUp({ family, name, from, rules }: Chain): Promise<void> {
  // The chain as a whole, in one step.
  const lines = [`*${TABLE}`, `:${name} -`, ...rules.map((rule) => `-A ${name} ${rule}`), 'COMMIT'];
  await iptables(`${family}-restore`, ['--wait', '--noflush'], `${lines.join('\n')}\n`);
  const jump = [...from, '--jump', name];
  const change = ['--wait', '--table', TABLE];
  await iptables(family, [...change, '--check', ...jump]).catch(() =>
    iptables(family, [...change, '--insert', ...jump]),
  );
}

const program = (name: string): string | undefined =>
  ['/usr/sbin', '/sbin', '/usr/bin'].map((folder) => join(folder, name)).find(existsSync);

async function iptables(name: string, args: readonly string[], input = ''): Promise<void> {
  const child = spawn(program(name) ?? name, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  child.stdin.on('error', () => {}).end(input);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${name} refused: ${words.trim()}`);
}
