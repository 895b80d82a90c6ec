import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadProfile } from '@cep/cli/profile';
import { listNetworks } from '@cep/contracts/networks';
import { createClient } from '@cep/http/client';
import { type Bench, inFolder, type Measurement, median } from './bench.ts';
import { type Standalone, startStandalone } from './standalone.ts';

const STARTS = 3;
const IDLE_MS = 30_000;
const REQUESTS = 500;
/** Of `/proc/PID/stat`, USER_HZ: a hundredth of a second on every Linux. */
const TICK_MS = 10;

/** What the standalone takes: until it is ready, and of memory and processor at rest. */
export const bench: Bench = { run: () => inFolder(measure) };

async function measure(home: string): Promise<Measurement[]> {
  const first = await startStandalone(home);
  await first.stop();
  const readyIn: number[] = [];
  for (let count = 1; count < STARTS; count += 1) {
    const again = await startStandalone(home);
    readyIn.push(again.readyIn);
    await again.stop();
  }
  const cep = await startStandalone(home);
  try {
    const peer = `the first start: ${seconds(first.readyIn).toFixed(1)} s`;
    const ready = seconds(median([...readyIn, cep.readyIn]));
    return [
      { name: 'standalone: ready, when started again', value: ready, unit: 's', peer },
      ...(await atRest(home, cep)),
    ];
  } finally {
    await cep.stop();
  }
}

async function atRest(home: string, { pid, waiting }: Standalone): Promise<Measurement[]> {
  const before = await processorTime(pid);
  await sleep(IDLE_MS);
  const busy = ((await processorTime(pid)) - before) / IDLE_MS;
  const idle = await memory(pid);
  const around = await Promise.all(waiting.map(memory));
  await ask(home);
  await sleep(IDLE_MS);
  const bound = { atMost: 200 };
  const npm = `npm and the start script besides: ${Math.round(sum(around))} MB`;
  return [
    { name: 'standalone: memory at rest', value: idle, unit: 'MB', bound, peer: npm },
    {
      name: `standalone: memory at rest after ${REQUESTS} requests`,
      ...{ value: await memory(pid), unit: 'MB', bound },
    },
    { name: 'standalone: processor at rest', value: busy * 100, unit: '%' },
  ];
}

async function ask(home: string): Promise<void> {
  const { server = '', servers } = loadProfile(home);
  const { token = '', certificate = '' } = servers[server] ?? {};
  const client = createClient({ url: new URL(server), token, pinned: certificate });
  for (let count = 0; count < REQUESTS; count += 1) await client.call(listNetworks, {});
}

/** Resident, MB; without PostgreSQL, which are processes of its own. */
async function memory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}

/** Milliseconds, for the program and for the kernel on its behalf; proc_pid_stat(5). */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const seconds = (milliseconds: number) => milliseconds / 1000;
