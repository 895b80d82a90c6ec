/** A running apps service on a database of its own and the rig's engine, and somebody who calls it. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { App } from '@cep/contracts/apps';
import * as apps from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Endpoint, Input, Reply } from '@cep/contracts/endpoint';
import * as operations from '@cep/contracts/operations';
import { connect } from '@cep/database/pool';
import { createClient } from '@cep/http/client';
import { callerSigner } from '@cep/http/sign-caller';
import type { Logger } from '@cep/logging/logger';
import { inProcess } from '@cep/messaging/in-process';
import { startService } from '@cep/service/start';
import { testDatabase } from '@cep/testing/database';
import { testDocker } from '@cep/testing/docker';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { build } from './build.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { ownAddresses } from './engine/host-addresses.ts';
import { LABELS } from './engine/labels.ts';
import { ownSight } from './engines/sight.ts';
import type { Store } from './templates/builtin-store.ts';
import { readTemplate } from './templates/template.ts';

export const silent = { info() {}, warn() {}, error() {} };

export function user(): UserCaller {
  const ids = { userId: randomUUID(), projectId: randomUUID(), tokenId: randomUUID() };
  return { kind: 'user', username: 'ada', role: 'user', projectName: 'ada', ...ids };
}

/** Templates from compose text; `x-cep` is completed with what every template has. */
export function storeOf(composes: Readonly<Record<string, string>>): Store {
  const templates = Object.entries(composes).map(([id, compose]) => {
    const header = `x-cep: {schemaVersion: 1, id: ${id}, name: ${id}, version: "1", revision: 1, summary: test, categories: [tests]`;
    const whole = compose.startsWith(',') ? header + compose : `${header}}\n${compose}`;
    return [id, readTemplate({ store: 'cep', id, compose: whole, readme: '' })] as const;
  });
  return { name: 'cep', templates: new Map(templates) };
}

interface Options {
  readonly store: Store;
  readonly host?: string;
  readonly hostAddresses?: () => Promise<readonly string[]>;
  readonly registries?: readonly string[];
  readonly intercept?: (engine: Engine) => Engine;
  readonly log?: Logger;
  /** Milliseconds. */
  readonly pullPatience?: number;
}

export async function createWorld(first: Options) {
  const gateway = generateKeyPairSync('ed25519');
  const database = await testDatabase();
  await database.query('create schema apps');
  const url = `${database.url}?options=-c%20search_path%3Dapps`;
  const config = {
    DATABASE_URL: url,
    GATEWAY_PUBLIC_KEY: gateway.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    HOST: '127.0.0.1',
    PORT: 0,
  };
  const masterKey = randomBytes(32).toString('base64');
  const start = ({
    store,
    host = fromRig('TEST_DOCKER_HOST'),
    log = silent,
    ...options
  }: Options) =>
    startService(
      config,
      { transport: inProcess(log), log },
      {
        name: 'apps',
        migrations: new URL('../migrations/', import.meta.url),
        build: (db) =>
          build(db, {
            masterKey,
            store,
            engine: (instance) => {
              const engine = createEngine(host, instance, options.pullPatience);
              return options.intercept?.(engine) ?? engine;
            },
            backupImage: 'restic/restic:0.18.1',
            registries: options.registries,
            hostAddresses: options.hostAddresses ?? ownAddresses,
            sight: ownSight,
            log,
          }),
      },
    );
  let service = await start(first);
  const db = connect(url, silent);
  const { docker, close } = testDocker();
  const sign = callerSigner(gateway.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const instance = (await db.query<{ id: string }>('select id from instance')).rows[0]?.id ?? '';
  const filters = { label: [`${LABELS.instance}=${instance}`] };
  const client = async (caller: UserCaller) =>
    createClient({ url: service.url, token: await sign(caller, 'apps') });
  const call = async <E extends Endpoint>(
    caller: UserCaller,
    endpoint: E,
    input: Input<E>,
  ): Promise<Reply<E>> => (await client(caller)).call(endpoint, input);

  /** Everything that the engine has of this installation. */
  const left = async () => ({
    containers: await docker.listContainers({ all: true, filters }),
    networks: await docker.listNetworks({ filters }),
    volumes: (await docker.listVolumes({ filters })).Volumes,
  });

  return {
    db,
    docker,
    url,
    masterKey,
    call,
    client,
    left,
    deploy: (caller: UserCaller, body: Partial<Input<typeof apps.deployApp>['body']>) =>
      call(caller, apps.deployApp, { body: { parameters: {}, ...body } }),
    show: (caller: UserCaller, app: string, secrets = false) =>
      call(caller, apps.getApp, { params: { app }, query: { secrets } }),
    destroy: (caller: UserCaller, app: string, volumes = false) =>
      call(caller, apps.destroyApp, { params: { app }, query: { volumes } }),
    /** Follows an operation to its end. */
    async end(caller: UserCaller, { id }: operations.Operation) {
      const seen: operations.Operation[] = [];
      const input = { params: { operation: id } };
      const stream = await (await client(caller)).stream(operations.watchOperation, input);
      for await (const operation of stream) seen.push(operation);
      const last = seen.at(-1);
      if (!last) throw new Error('the operation was not told');
      return { ...last, seen };
    },
    async reaches(caller: UserCaller, app: string, state: App['state'], within = 15_000) {
      let last: apps.AppDetails | undefined;
      await eventually(
        async () => {
          last = await call(caller, apps.getApp, { params: { app }, query: { secrets: false } });
          if (last.state !== state)
            throw new Error(`${app} is ${last.state}: ${last.reason?.message}`);
        },
        { within },
      );
      return last as apps.AppDetails;
    },
    events: async () => (await db.query('select name, data from outbox order by seq')).rows,
    async restart(options: Options = first) {
      await service.stop();
      service = await start(options);
    },
    stop: () => service.stop(),
    async close() {
      await service.stop();
      const { containers, networks, volumes } = await left();
      for (const { Id } of containers)
        await docker.getContainer(Id).remove({ force: true, v: true });
      for (const { Id } of networks) await docker.getNetwork(Id).remove();
      for (const { Name } of volumes) await docker.getVolume(Name).remove();
      await close();
      await db.end();
      await database.close();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
