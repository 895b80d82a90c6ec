import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect } from '@cep/database/pool';
import { transaction } from '@cep/database/transaction';
import type { Logger } from '@cep/logging/logger';
import { testBroker } from '@cep/testing/broker';
import { type TestDatabase, testDatabase } from '@cep/testing/database';
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import type { Subscription } from './inbox.ts';
import { startMessaging } from './messaging.ts';
import { migrations } from './migrations.ts';
import { count, counted, createTransport, noted, noting, silent } from './numbers.fixture.ts';
import { publish } from './outbox.ts';
import { DEAD_EXCHANGE } from './topology.ts';

/** Where the suite runs, and which numbers of a queue were put aside there. */
interface Over {
  readonly transport: () => string;
  readonly deadLetters: (db: Pool, queue: string) => Promise<number[]>;
}

function contract({ transport: over, deadLetters }: Over): void {
  let database: TestDatabase;
  let db: Pool;
  let id: string;
  let queue: string;
  const running: Array<{ stop(): Promise<void> }> = [];

  beforeAll(async () => {
    database = await testDatabase(migrations);
    db = connect(database.url, silent);
    await db.query('create table noted (seq serial, queue text, n integer)');
  });
  beforeEach(() => {
    id = randomBytes(6).toString('hex');
    queue = `test.${id}`;
  });
  afterEach(stop);
  afterAll(async () => {
    await db.end();
    await database.close();
  });

  const start = (...subscriptions: Subscription[]) => startLogging(silent, ...subscriptions);

  async function startLogging(log: Logger, ...subscriptions: Subscription[]) {
    const transport = createTransport(over());
    running.push(startMessaging({ db, log, transport, subscriptions }));
    await within20s(async () => expect(transport.state()).toBe('connected'));
    return transport;
  }
  async function stop() {
    await Promise.all(running.splice(0).map((each) => each.stop()));
  }

  /** Waits for so many, and gives all that arrived by then. */
  async function arrivals(least: number, at = queue) {
    await within20s(async () => expect((await noted(db, at)).length).toBeGreaterThanOrEqual(least));
    return noted(db, at);
  }
  const waiting = async () => (await db.query('select from outbox')).rowCount;

  test('delivers in the order of the commits, also what was stated while nobody listened', async () => {
    await start(noting(id));
    await stop();
    for (const n of upTo(150)) await count(db, id, [n]);

    await start(noting(id));
    await count(db, id, [151, 152]);

    expect(await arrivals(152)).toEqual(upTo(152));
    await within20s(async () => expect(await waiting()).toBe(0));
  });

  test('delivers at the commit, not at the next look', async () => {
    await start(noting(id));
    await count(db, id, [1]);
    expect(await arrivals(1)).toEqual([1]);
    const began = performance.now();

    await count(db, id, [2]);
    expect(await arrivals(2)).toEqual([1, 2]);

    expect(performance.now() - began).toBeLessThan(500);
  });

  test('sends nothing of a transaction that is rolled back', async () => {
    await start(noting(id));
    const attempt = transaction(db, async (tx) => {
      await publish(tx, counted(id), { n: 1 });
      throw new Error('changed my mind');
    });

    await expect(attempt).rejects.toThrow('changed my mind');
    await count(db, id, [2]);

    expect(await arrivals(1)).toEqual([2]);
  });

  test('lets a message that is delivered again take effect once', async () => {
    const transport = await start(noting(id));
    const message = (n: number) => ({ id: randomUUID(), name: counted(id).name, data: { n } });
    const [first, last] = [message(1), message(2)];

    await transport.send([first, first]);
    await transport.send([first, last]);

    expect(await arrivals(2)).toEqual([1, 2]);
  });

  test('gives an event to each queue that takes it', async () => {
    await start(noting(id, `${queue}.a`), noting(id, `${queue}.b`));

    await count(db, id, [1, 2]);

    expect(await arrivals(2, `${queue}.a`)).toEqual([1, 2]);
    expect(await arrivals(2, `${queue}.b`)).toEqual([1, 2]);
  });

  test('forgets an event that no queue takes', async () => {
    await start();

    await count(db, id, [1]);

    await within20s(async () => expect(await waiting()).toBe(0));
  });

  test('tries again what failed, before anything later', async () => {
    let failures = 2;
    const refuse = async (n: number) => {
      if (n === 1 && failures-- > 0) throw new Error('not yet');
    };
    await start(noting(id, queue, refuse));

    await count(db, id, [1, 2]);

    expect(await arrivals(2)).toEqual([1, 2]);
  });

  test('puts aside what fails six times, and goes on', async () => {
    const attempts: number[] = [];
    const refuse = async (n: number) => {
      attempts.push(n);
      if (n === 2) throw new Error('never');
    };
    await start(noting(id, queue, refuse));

    await count(db, id, [1, 2, 3]);

    expect(await arrivals(2)).toEqual([1, 3]);
    expect(attempts).toEqual([1, 2, 2, 2, 2, 2, 2, 3]);
    await within20s(async () => expect(await deadLetters(db, queue)).toEqual([2]));
  });

  test('loses and doubles nothing when every database connection is cut, again and again', async () => {
    await start(noting(id));
    await stop();
    await count(db, id, upTo(300));

    await start(noting(id));
    for (const progress of [20, 100, 200]) {
      await within20s(async () =>
        expect((await noted(db, queue)).length).toBeGreaterThan(progress),
      );
      await db.query(`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`);
    }

    expect(await arrivals(300)).toEqual(upTo(300));
  }, 60_000);

  test('waits for a database that is away, for longer than the retries take', async () => {
    const admin = await testDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const allow = (connections: boolean) =>
      admin.query(`alter database ${name} allow_connections ${connections}`);
    let times = 0;
    const leave = async () => {
      if (times++ > 0) return;
      await allow(false);
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
        [name],
      );
    };
    let waits = 0;
    const warn = (message: string) => {
      if (message === 'no database, events wait') waits += 1;
    };
    await startLogging({ ...silent, warn }, noting(id, queue, leave));

    await count(db, id, [1, 2]);
    await within20s(async () => expect(waits).toBe(4));
    await allow(true);

    expect(await arrivals(2)).toEqual([1, 2]);
    expect(await deadLetters(db, queue)).toEqual([]);
    await admin.close();
  }, 30_000);

  test.each([
    'committed but not sent',
    'handling',
    'handled but not acknowledged',
    'sent but not deleted',
  ])(
    'loses and doubles nothing when the process is killed: %s',
    async (step) => {
      const program = fileURLToPath(new URL('./doomed.fixture.ts', import.meta.url));
      const doomed = spawn(
        process.execPath,
        ['--conditions=source', program, step, database.url, over(), id],
        { stdio: 'inherit' },
      );
      const [, signal] = await once(doomed, 'exit');
      expect(signal).toBe('SIGKILL');

      await count(db, id, [4]);
      await start(noting(id));

      expect(await arrivals(4)).toEqual(upTo(4));
    },
    60_000,
  );
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const within20s = (check: () => Promise<void>) => eventually(check, { within: 20_000 });

requires('postgres')('within the process', () => {
  contract({
    transport: () => 'in-process',
    async deadLetters(db, queue) {
      const { rows } = await db.query('select data from dead_letters where queue = $1', [queue]);
      return rows.map((row: { data: { n: number } }) => row.data.n);
    },
  });
});

requires('postgres', 'rabbitmq')('over RabbitMQ', () => {
  const dead: Array<{ queue: unknown; n: number }> = [];
  let broker: Awaited<ReturnType<typeof testBroker>>;

  beforeAll(async () => {
    broker = await testBroker();
    await broker.channel.assertExchange(DEAD_EXCHANGE, 'fanout', { durable: true });
    const { queue } = await broker.channel.assertQueue('', { exclusive: true });
    await broker.channel.bindQueue(queue, DEAD_EXCHANGE, '');
    await broker.channel.consume(queue, (message) => {
      const from: unknown = message?.properties.headers?.['x-first-death-queue'];
      if (message) dead.push({ queue: from, n: JSON.parse(message.content.toString()).n });
    });
  });
  afterAll(() => broker.close());

  contract({
    transport: () => fromRig('TEST_RABBITMQ_URL'),
    deadLetters: async (_db, queue) =>
      dead.filter((letter) => letter.queue === queue).map(({ n }) => n),
  });
});
