import { editHost, revokeHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { setPolicy } from '@cep/contracts/policies';
import { createLab, type Lab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { becomeHost, startCloud } from '@cep/tests/cloud.fixture';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';

const RUNS = 20;

/** For a flow that was still there when nobody waited any longer. */
const NEVER_MS = 20_000;
const { TEST_POSTGRES_URL, TEST_NAMESPACES, TEST_NEBULA_1_6 } = process.env;

type Machines = Lab<'light' | 'peer' | 'other'>;
type Cloud = Awaited<ReturnType<typeof startCloud>>;

/**
 * From the call of the API to the last packet that a peer answers to a host which was revoked, or has
 * left the group that let it in; and from a typed enrolment to the first.
 */
export const bench: Bench = {
  missing: () =>
    TEST_POSTGRES_URL && TEST_NAMESPACES && TEST_NEBULA_1_6
      ? undefined
      : 'run it inside the rig: pnpm inside-rig pnpm bench revocation.',
  run: () => inFolder(measure),
};

async function measure(folder: string): Promise<Measurement[]> {
  const lab = await createLab({ hosts: ['light', 'peer', 'other'] });
  try {
    const cloud = await startCloud(lab.gateway, folder);
    const measurements: Measurement[] = [];
    for (const version of nebulaVersions)
      measurements.push(...(await measureVersion(cloud, lab, version)));
    await cloud.stop();
    return measurements;
  } finally {
    await lab.close();
  }
}

async function measureVersion(
  cloud: Cloud,
  lab: Machines,
  version: NebulaVersion,
): Promise<Measurement[]> {
  const site = { cloud, lab, network: `v${version.replace('.', '-')}`, version };
  const { witness, close } = await found(site);
  const shut = await leaveGroup(site, witness);
  const { cut, joined } = await revoke(site, witness);
  await close();
  return [
    ...judge(`revocation, nebula ${version}`, cut),
    ...judge(`group removed, nebula ${version}`, shut),
    {
      name: `code typed to first ping, nebula ${version}: p95`,
      value: quantile(joined, 0.95),
      unit: 'ms',
      bound: { atMost: 2_000 },
    },
  ];
}

function judge(name: string, times: readonly number[]): Measurement[] {
  const worst = Math.max(...times);
  return [
    { name: `${name}: p50`, value: median(times), unit: 'ms', bound: { atMost: 300 } },
    { name: `${name}: p99`, value: worst, unit: 'ms', bound: { atMost: 1_000 } },
  ];
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}

interface Site {
  readonly cloud: Cloud;
  readonly lab: Machines;
  readonly network: string;
  readonly version: NebulaVersion;
}

/** A lighthouse, and a peer that answers to `staff` alone. */
async function found({ cloud, lab, network, version }: Site) {
  const { nebula } = nebulaPrograms(version);
  await cloud.client.call(createNetwork, { body: { name: network } });
  const { light, peer } = lab.hosts;
  const wish = { network, nebula };
  const lighthouse = await becomeHost(cloud, light, { ...wish, name: 'light', port: 4242 });
  const witness = await becomeHost(cloud, peer, { ...wish, name: 'peer' });
  const rule = { from: ['group:staff'], to: ['host:peer'], allow: ['icmp'] };
  await cloud.client.call(setPolicy, { params: { network }, body: { rules: [rule], tests: [] } });
  return {
    witness: witness.address,
    async close() {
      await witness.leave();
      await lighthouse.leave();
    },
  };
}

async function leaveGroup(
  { cloud, lab, network, version }: Site,
  witness: string,
): Promise<number[]> {
  const { other } = lab.hosts;
  const { nebula } = nebulaPrograms(version);
  const wish = { network, nebula, name: 'staff', groups: ['staff'] };
  const host = await becomeHost(cloud, other, wish);
  const params = { network, host: 'staff' };
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const ping = await startPing(other, witness);
    const began = Date.now();
    await cloud.client.call(editHost, { params, body: { groups: [] } });
    const end = await ping.lastAnswer().catch(() => undefined);
    await ping.stop();
    // One that is never cut off: nothing more is to be learnt from the others.
    if (end === undefined) {
      times.push(NEVER_MS);
      break;
    }
    times.push(Math.max(0, end - began));
    await cloud.client.call(editHost, { params, body: { groups: ['staff'] } });
  }
  await host.leave();
  return times;
}

async function revoke({ cloud, lab, network, version }: Site, witness: string) {
  const { other } = lab.hosts;
  const { nebula } = nebulaPrograms(version);
  const [cut, joined]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    const name = `revoked-${run}`;
    const host = await becomeHost(cloud, other, { network, name, nebula, groups: ['staff'] });
    const ping = await startPing(other, witness);
    joined.push(ping.firstAnswer - host.typed);
    const began = Date.now();
    await cloud.client.call(revokeHost, { params: { network, host: name } });
    cut.push(Math.max(0, (await ping.lastAnswer()) - began));
    await ping.stop();
    await host.leave();
  }
  return { cut, joined };
}
