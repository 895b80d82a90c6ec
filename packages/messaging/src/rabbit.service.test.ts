import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@cep/database/pool';
import { testBroker } from '@cep/testing/broker';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { startRabbitmq } from '@cep/testing/rig/rabbitmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { startMessaging } from './messaging.ts';
import { migrations } from './migrations.ts';
import { count, createTransport, noted, noting, silent } from './numbers.fixture.ts';

requires('postgres', 'rabbitmq')('a broker that fails', () => {
  let database: TestDatabase;
  let db: Pool;
  let id: string;
  const running: Array<ReturnType<typeof startMessaging>> = [];
  const leftovers: Array<() => Promise<unknown>> = [];

  beforeAll(async () => {
    database = await testDatabase(migrations);
    db = connect(database.url, silent);
    await db.query('create table noted (seq serial, queue text, n integer)');
  });
  beforeEach(() => {
    id = randomBytes(6).toString('hex');
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    for (const remove of leftovers.splice(0).toReversed()) await remove();
  });
  afterAll(async () => {
    await db.end();
    await database.close();
  });

  function start(url: string) {
    const transport = createTransport(url);
    const subscriptions = [noting(id)];
    const messaging = startMessaging({ db, log: silent, transport, subscriptions });
    running.push(messaging);
    return messaging;
  }
  async function startBroker(folder: string) {
    const broker = await startRabbitmq(folder);
    if (!broker) throw new Error('RabbitMQ is not installed');
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= broker.stop());
    leftovers.push(stop);
    return { url: broker.env.TEST_RABBITMQ_URL ?? '', stop };
  }
  const arrived = () => noted(db, `test.${id}`);
  const arrive = (expected: number[]) =>
    soon(async () => expect(await arrived()).toEqual(expected));

  test('cuts every connection, again and again: nothing is lost or doubled', async () => {
    const proxy = await createProxy(fromRig('TEST_RABBITMQ_URL'));
    leftovers.push(() => proxy.close());
    start(proxy.url);

    for (let first = 1; first < 300; first += 50) {
      await count(db, id, fromTo(first, first + 49));
      await soon(async () => expect((await arrived()).length).toBeGreaterThan(first));
      proxy.cut();
    }

    await arrive(fromTo(1, 300));
  }, 60_000);

  test('never saw what was sent: it is sent again', async () => {
    const proxy = await createProxy(fromRig('TEST_RABBITMQ_URL'));
    leftovers.push(() => proxy.close());
    start(proxy.url);
    await count(db, id, [1]);
    await arrive([1]);

    const swallowed = proxy.swallow();
    await count(db, id, [2]);
    await swallowed;
    proxy.cut();

    await soon(async () => expect(await arrived()).toEqual([1, 2]));
  }, 30_000);

  test('is killed, and restarted on its data: nothing is lost or doubled', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cep-broker-'));
    leftovers.push(() => rm(folder, { recursive: true }));
    const broker = await startBroker(folder);
    const proxy = await createProxy(broker.url);
    leftovers.push(() => proxy.close());
    const messaging = start(proxy.url);
    // RabbitMQ 3.10 writes down a moment late that a quorum queue is there, and cannot recover
    // one of which it did not. That is once in a queue's life, and nothing that we could guard.
    const registry = join(folder, 'rabbitmq/data/test@localhost/quorum/test@localhost/names.dets');
    await soon(async () => expect(await readFile(registry, 'latin1')).toContain(`test.${id}`));
    await count(db, id, fromTo(1, 200));
    await soon(async () => expect((await arrived()).length).toBeGreaterThan(20));

    await broker.stop();
    await soon(async () => expect(messaging.state()).toBe('reconnecting'));
    await count(db, id, fromTo(201, 220));
    proxy.lead((await startBroker(folder)).url);

    await arrive(fromTo(1, 220));
    expect(messaging.state()).toBe('connected');
  }, 120_000);

  test('loses a queue: the queue is made again', async () => {
    const messaging = start(fromRig('TEST_RABBITMQ_URL'));
    await count(db, id, [1]);
    await arrive([1]);
    const { channel, close } = await testBroker();

    await channel.deleteQueue(`test.${id}`);
    await close();
    await soon(async () => expect(messaging.state()).toBe('reconnecting'));
    await soon(async () => expect(messaging.state()).toBe('connected'));
    await count(db, id, [2]);

    await arrive([1, 2]);
  }, 30_000);

  test('gives one of several replicas the messages, so that they keep their order', async () => {
    const replicas = [start(fromRig('TEST_RABBITMQ_URL')), start(fromRig('TEST_RABBITMQ_URL'))];
    for (const each of replicas) await soon(async () => expect(each.state()).toBe('connected'));

    for (let first = 1; first < 100; first += 10) await count(db, id, fromTo(first, first + 9));

    await arrive(fromTo(1, 100));
  }, 30_000);

  test('is not there yet: the service runs, and stops within its time', async () => {
    const messaging = start('amqp://127.0.0.1:1');
    await count(db, id, [1]);

    expect(messaging.state()).toBe('reconnecting');

    const began = performance.now();
    await messaging.stop();
    expect(performance.now() - began).toBeLessThan(4_500);
    await db.query('truncate outbox');
  });
});

const fromTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const soon = (check: () => Promise<void>) => eventually(check, { within: 30_000 });

/** A way to the broker that can be cut, and led to another port, and that can lose what it carries. */
async function createProxy(broker: string) {
  let port = Number(new URL(broker).port);
  const sockets = new Set<Socket>();
  const toBroker = new Map<Socket, Socket>();
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    toBroker.set(near, far);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(broker);
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    /** Resolves when something was lost on the connections that there are. */
    swallow() {
      return Promise.any(
        [...toBroker].map(([near, far]) => {
          near.unpipe(far).resume();
          return once(near, 'data');
        }),
      );
    },
    lead(to: string) {
      port = Number(new URL(to).port);
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
