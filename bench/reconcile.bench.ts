import { randomBytes, randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { deployApp } from '@cep/apps/apps/deploy';
import { build } from '@cep/apps/build';
import { createEngine, type Engine } from '@cep/apps/engine/engine';
import { onlyEngine } from '@cep/apps/engines/only-engine.fixture';
import { createProgress } from '@cep/apps/operations/progress';
import { createLeases } from '@cep/apps/reconciler/leases';
import { reconcile } from '@cep/apps/reconciler/reconcile';
import { readTemplate } from '@cep/apps/templates/template';
import type { UserCaller } from '@cep/contracts/caller';
import { migrate } from '@cep/database/migrate';
import { connect } from '@cep/database/pool';
import { migrations as messaging } from '@cep/messaging/migrations';
import { createSealer } from '@cep/sealing/sealer';
import { testDatabase } from '@cep/testing/database';
import { createOwnEngine } from '@cep/testing/own-engine';
import { type Bench, type Measurement, median } from './bench.ts';

const { TEST_POSTGRES_URL = '', TEST_DOCKER_HOST = '' } = process.env;
/** Of the engine's disk, which is in memory. */
const DISK = 2 ** 30;

const APPS = 200;
/** So many are deployed at once. */
const AT_ONCE = 6;
const ROUNDS = 30;
const RUN = "trap 'exit 0' TERM; sleep 1000 & wait";
const log = { info() {}, warn() {}, error() {} };

const compose = (count: number): string =>
  `services:\n${Array.from(
    { length: count },
    (_, n) =>
      `  s${n}: { image: "busybox:1", command: [sh, -c, "${RUN}"], stop_grace_period: 1s }\n`,
  ).join('')}`;

/** What it costs to find that nothing is to be done. */
export const bench: Bench = {
  missing: () =>
    TEST_POSTGRES_URL && TEST_DOCKER_HOST
      ? undefined
      : 'run it inside the rig: pnpm inside-rig pnpm bench reconcile.',
  run: measure,
};

async function measure(): Promise<Measurement[]> {
  const database = await testDatabase();
  await database.query('create schema apps');
  const databaseUrl = `${database.url}?options=-c%20search_path%3Dapps`;
  const apps = new URL('../services/apps/migrations/', import.meta.url);
  await migrate({ databaseUrl, schema: 'apps', directories: { apps, messaging } });
  const db = connect(databaseUrl, log);
  const { rows } = await db.query<{ id: string }>('select id from instance');
  const instance = rows[0]?.id ?? '';
  // The rig's engine has not so many networks.
  const own = await createOwnEngine(DISK, 214);
  const engine = createEngine(own.host, instance);
  const following = new AbortController();
  void (async () => {
    for await (const _event of await engine.events(following.signal)) void _event;
  })().catch(() => {});
  const masterKey = randomBytes(32).toString('base64');
  const store = { name: 'cep', templates: new Map([template('five', 5), template('one', 1)]) };
  const deps = {
    ...{ db, instance, store, progress: createProgress(), timezone: 'UTC', language: 'en' },
    ...{ sealer: createSealer(masterKey), nudge() {} },
    ...{ loop: { wake() {}, interrupt() {} }, engines: onlyEngine(engine) },
    backupImage: '',
  };
  const caller = someone();
  const names = ['five', ...Array.from({ length: APPS }, (_, n) => `one-${n}`)];
  const leases = createLeases(db);
  const pass = (id: string) =>
    leases.holding(id, following.signal, (held) => reconcile(deps, id, held));
  const ids: string[] = [];
  try {
    for (const name of names) {
      const body = { template: name.replace(/-.*/, ''), name, parameters: {} };
      ids.push((await deployApp(deps, { body }, caller)).app.id);
    }
    const waiting = [...ids];
    const bring = async () => {
      for (let id = waiting.shift(); id; id = waiting.shift()) await pass(id);
    };
    // The first pulls the image.
    await pass(waiting.shift() ?? '');
    await Promise.all(Array.from({ length: AT_ONCE }, bring));
    const compared = await compare(ids, pass);
    await leases.stop();
    const given = { masterKey, store, backupImage: '', hostAddresses: async () => [], log };
    return [...compared, await start(db, { ...given, host: own.host, apps: ids.length })];
  } finally {
    following.abort();
    await leases.stop();
    await db.end();
    await own.close();
    await database.close();
  }
}

async function compare(
  [five = '', ...others]: readonly string[],
  pass: (id: string) => Promise<unknown>,
): Promise<Measurement[]> {
  const times: number[] = [];
  let calls = 0;
  const count = (message: unknown) => {
    const { path = '' } = (message as { request: { path?: string } }).request;
    if (/containers|networks|volumes|images|version/.test(path)) calls += 1;
  };
  await pass(five);
  subscribe('http.client.request.start', count);
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    await pass(five);
    times.push(performance.now() - started);
  }
  unsubscribe('http.client.request.start', count);
  await Promise.all(others.map(pass));
  const all: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const started = performance.now();
    await Promise.all(others.map(pass));
    all.push(performance.now() - started);
  }
  return [
    {
      name: 'reconcile: five services of which none has changed',
      ...{ value: median(times), unit: 'ms', bound: { atMost: 15 } },
    },
    {
      name: 'reconcile: calls to the engine for that',
      ...{ value: calls / ROUNDS, unit: 'calls', bound: { atMost: 2 } },
    },
    {
      name: `reconcile: ${APPS} apps of which none has changed, all at once`,
      ...{ value: median(all), unit: 'ms', bound: { atMost: 1_000 } },
    },
  ];
}

type Outside = Parameters<typeof build>[1];

interface Started extends Omit<Outside, 'engine'> {
  readonly host: string;
  readonly apps: number;
}

/** A service that starts where all of them run already, until it has looked at each. */
async function start(
  db: Parameters<typeof build>[0],
  { host, apps, ...given }: Started,
): Promise<Measurement> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const seen = new Set<string>();
    const started = performance.now();
    const parts = await new Promise<Awaited<ReturnType<typeof build>>>((resolve, reject) => {
      const counted = (engine: Engine): Engine => ({
        ...engine,
        async containers(appId) {
          const found = await engine.containers(appId);
          if (seen.add(appId).size === apps) resolve(building);
          return found;
        },
      });
      const engine = (instance: string) => counted(createEngine(host, instance));
      const building = build(db, { ...given, engine });
      building.catch(reject);
    });
    times.push(performance.now() - started);
    await parts.stop?.();
  }
  return {
    name: `reconcile: a service that starts, until it has looked at ${apps} apps`,
    ...{ value: Math.round(median(times)), unit: 'ms' },
  };
}

function template(id: string, count: number) {
  const header = `x-cep: {schemaVersion: 1, id: ${id}, name: ${id}, version: "1", revision: 1, summary: none, categories: [bench]}`;
  const text = `${header}\n${compose(count)}`;
  return [id, readTemplate({ store: 'cep', id, readme: '', compose: text })] as const;
}

function someone(): UserCaller {
  const ids = { userId: randomUUID(), projectId: randomUUID(), tokenId: randomUUID() };
  return { kind: 'user', username: 'a', role: 'user', projectName: 'a', ...ids };
}
