import { revokeHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { createLab, type Lab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';
import { becomeHost, startCloud } from './cloud.ts';

const RUNS = 20;
const { TEST_POSTGRES_URL, TEST_NAMESPACES, TEST_NEBULA_1_6 } = process.env;

type Machines = Lab<'light' | 'peer' | 'revoked'>;
type Cloud = Awaited<ReturnType<typeof startCloud>>;

/** From the call of the API to the last packet of a revoked host that a peer answers. */
export const bench: Bench = {
  missing: () =>
    TEST_POSTGRES_URL && TEST_NAMESPACES && TEST_NEBULA_1_6
      ? undefined
      : 'run it inside the rig: pnpm inside-rig pnpm bench revocation.',
  run: () => inFolder(measure),
};

async function measure(folder: string): Promise<Measurement[]> {
  const lab = await createLab({ hosts: ['light', 'peer', 'revoked'] });
  try {
    const cloud = await startCloud(lab.gateway, folder);
    const measurements: Measurement[] = [];
    for (const version of nebulaVersions) {
      measurements.push(...judge(version, await measureVersion(cloud, lab, version)));
    }
    await cloud.stop();
    return measurements;
  } finally {
    await lab.close();
  }
}

function judge(version: NebulaVersion, times: readonly number[]): Measurement[] {
  const worst = Math.max(...times);
  const name = `revocation, nebula ${version}`;
  return [
    { name: `${name}: p50`, value: median(times), unit: 'ms', bound: { atMost: 300 } },
    { name: `${name}: p99`, value: worst, unit: 'ms', bound: { atMost: 1_000 } },
  ];
}

async function measureVersion(cloud: Cloud, lab: Machines, version: NebulaVersion) {
  const network = `v${version.replace('.', '-')}`;
  const { nebula } = nebulaPrograms(version);
  await cloud.client.call(createNetwork, { body: { name: network } });
  const { light, peer, revoked } = lab.hosts;
  const lighthouse = await becomeHost(cloud, light, {
    ...{ network, name: 'light', nebula, port: 4242 },
  });
  const witness = await becomeHost(cloud, peer, { network, name: 'peer', nebula });
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const name = `revoked-${run}`;
    const host = await becomeHost(cloud, revoked, { network, name, nebula });
    const ping = await startPing(revoked, witness.address);
    const began = Date.now();
    await cloud.client.call(revokeHost, { params: { network, host: name } });
    times.push(Math.max(0, (await ping.lastAnswer()) - began));
    await ping.stop();
    await host.leave();
  }
  await witness.leave();
  await lighthouse.leave();
  return times.toSorted((a, b) => a - b).map(Math.round);
}
