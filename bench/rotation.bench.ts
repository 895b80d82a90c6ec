import { setTimeout as sleep } from 'node:timers/promises';
import { createNetwork } from '@cep/contracts/networks';
import { getRotation, rotateAuthority } from '@cep/contracts/rotations';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { becomeHost, type Joined, startCloud } from '@cep/tests/cloud.fixture';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';

const RUNS = 10;
const SETTLED_MS = 4_000;
const { TEST_POSTGRES_URL, TEST_NAMESPACES, TEST_NEBULA_1_6 } = process.env;

/** The lighthouse comes first. */
const VERSIONS = { light: '1.6', old: '1.6', middle: '1.9', new: '1.11' } as const;
type Name = keyof typeof VERSIONS;
const names = Object.keys(VERSIONS) as Name[];

/** Every two that are not alike, the lighthouse included. */
const PAIRS: readonly (readonly [Name, Name])[] = [
  ['old', 'middle'],
  ['old', 'new'],
  ['middle', 'new'],
  ['new', 'light'],
];

type Cloud = Awaited<ReturnType<typeof startCloud>>;

const network = 'home';

/** The longest time without an answer between any two hosts while their authority is replaced. */
export const bench: Bench = {
  missing: () =>
    TEST_POSTGRES_URL && TEST_NAMESPACES && TEST_NEBULA_1_6
      ? undefined
      : 'run it inside the rig: pnpm inside-rig pnpm bench rotation.',
  run: () => inFolder(measure),
};

async function measure(folder: string): Promise<Measurement[]> {
  const lab = await createLab({ hosts: names });
  try {
    const cloud = await startCloud(lab.gateway, folder);
    const { addresses, leave } = await joinAll(cloud, lab);
    const gaps: number[] = [];
    for (let run = 0; run < RUNS; run += 1) gaps.push(await rotate(cloud, lab, addresses));
    await leave();
    await cloud.stop();
    const name = 'authority replaced, nebula 1.6 + 1.9 + 1.11: largest gap';
    return [
      { name: `${name}, p50`, value: median(gaps), unit: 'ms' },
      { name: `${name}, worst`, value: Math.max(...gaps), unit: 'ms', bound: { atMost: 500 } },
    ];
  } finally {
    await lab.close();
  }
}

async function joinAll(cloud: Cloud, lab: Lab<Name>) {
  await cloud.client.call(createNetwork, { body: { name: network } });
  const addresses = {} as Record<Name, string>;
  const joined: Joined[] = [];
  for (const name of names) {
    const version: NebulaVersion = VERSIONS[name];
    const { nebula } = nebulaPrograms(version);
    const port = name === 'light' ? { port: 4242 } : {};
    const host = await becomeHost(cloud, lab.hosts[name], { network, name, nebula, ...port });
    addresses[name] = host.address;
    joined.push(host);
  }
  const leave = async () => {
    for (const host of joined) await host.leave();
  };
  return { addresses, leave };
}

/** @returns the largest gap of any pair, in milliseconds */
async function rotate(cloud: Cloud, lab: Lab<Name>, addresses: Record<Name, string>) {
  const pings = await Promise.all(
    PAIRS.map(([from, to]) => startPing(lab.hosts[from], addresses[to])),
  );
  const params = { network };
  await cloud.client.call(rotateAuthority, { params, body: { leaveBehind: [], emergency: false } });
  await eventually(
    async () => {
      const { rotation } = await cloud.client.call(getRotation, { params });
      if (rotation !== null) throw new Error(`rotation stands at ${rotation.stage}`);
    },
    { within: 60_000 },
  );
  // The hosts have heard of its end, and nebula has looked at each of its tunnels.
  await sleep(SETTLED_MS);
  const gaps = await Promise.all(pings.map((ping) => ping.largestGap()));
  return Math.max(...gaps);
}
