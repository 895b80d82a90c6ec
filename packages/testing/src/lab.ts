import type { ChildProcess } from 'node:child_process';
import { run } from './install/commands.ts';
import { killAll, type LabHost, programsIn } from './lab-host.ts';

export interface Lab<Name extends string> {
  readonly hosts: Readonly<Record<Name, LabHost>>;
  /** Where hosts reach a server of the test's own, e.g. the gateway; nothing beyond is reachable. */
  readonly gateway: string;
  /** Kills what runs in it and takes it down. */
  readonly close: () => Promise<void>;
}

/** Reserved for benchmarks between networks (RFC 2544): no real network and no overlay uses it. */
const UNDERLAY = '198.18';

/**
 * Hosts as network namespaces, joined by a bridge in a namespace of its own (in the test's own one
 * Docker's packet filter would see the frames). Each has `eth0` and a loopback, no way out, and no
 * process until one is started. What a killed test leaves goes with the rig's namespaces.
 */
export async function createLab<const Name extends string>({
  hosts: names,
}: {
  readonly hosts: readonly Name[];
}): Promise<Lab<Name>> {
  const cable = await claimCable();
  const { id, subnet } = cable;
  const children = new Set<ChildProcess>();
  const namespaces = [cable.bridge];
  const close = async () => {
    await killAll(children);
    for (const namespace of namespaces) await ip('netns', 'delete', namespace).catch(() => {});
    await ip('link', 'delete', `g${id}`).catch(() => {});
  };
  try {
    await layCable(cable);
    const hosts: [string, LabHost][] = [];
    for (const [index, name] of names.entries()) {
      const namespace = `lab-${id}-${name}`;
      namespaces.push(namespace);
      const address = await addHost(cable, namespace, index);
      hosts.push([name, { name, address, namespace, ...programsIn(namespace, children) }]);
    }
    return {
      // Every name was given a host just above.
      hosts: Object.fromEntries(hosts) as Record<Name, LabHost>,
      gateway: `${subnet}.254`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Cable {
  readonly id: number;
  /** The namespace of the bridge. */
  readonly bridge: string;
  /** The first three numbers of every address. */
  readonly subnet: string;
}

/** The first number that no lab has, and addresses with it: making its namespace is the claim. */
async function claimCable(): Promise<Cable> {
  for (let id = 1; ; id += 1) {
    const bridge = `lab-${id}`;
    try {
      await ip('netns', 'add', bridge);
      return { id, bridge, subnet: `${UNDERLAY}.${id}` };
    } catch (error) {
      if (id === 255 || !String(error).includes('File exists')) throw error;
    }
  }
}

async function layCable({ id, bridge, subnet }: Cable): Promise<void> {
  await ip('-n', bridge, 'link', 'add', 'br0', 'type', 'bridge');
  await ip('-n', bridge, 'link', 'set', 'br0', 'up');
  await ip('link', 'add', `g${id}`, 'type', 'veth', 'peer', 'name', 'gateway', 'netns', bridge);
  await ip('addr', 'add', `${subnet}.254/24`, 'dev', `g${id}`);
  await ip('link', 'set', `g${id}`, 'up');
  await ip('-n', bridge, 'link', 'set', 'gateway', 'master', 'br0', 'up');
}

async function addHost({ bridge, subnet }: Cable, namespace: string, index: number) {
  const address = `${subnet}.${index + 1}`;
  const port = `port${index}`;
  await ip('netns', 'add', namespace);
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  await ip(
    '-n',
    namespace,
    'link',
    'add',
    'eth0',
    'type',
    'veth',
    'peer',
    'name',
    port,
    'netns',
    bridge,
  );
  await ip('-n', bridge, 'link', 'set', port, 'master', 'br0', 'up');
  await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  return address;
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', ...args);
}
