/**
 * What every service is made of, once: its schema brought up to date, its connections, its events,
 * its HTTP. A service adds what is its own.
 */
import type { Health } from '@cep/contracts/health';
import { migrate } from '@cep/database/migrate';
import { connect } from '@cep/database/pool';
import { serviceApp } from '@cep/http/app';
import { listen } from '@cep/http/listen';
import type { RunningService } from '@cep/http/service';
import type { Logger } from '@cep/logging/logger';
import type { Subscription } from '@cep/messaging/inbox';
import { startMessaging } from '@cep/messaging/messaging';
import { migrations as messagingMigrations } from '@cep/messaging/migrations';
import type { Transport } from '@cep/messaging/transport';
import type { Router } from 'express';
import type { Pool } from 'pg';

/** What the services of one process share. */
export interface Shared {
  readonly transport: Transport;
  readonly log: Logger;
}

interface ServiceConfig {
  readonly DATABASE_URL: string;
  readonly GATEWAY_PUBLIC_KEY: string;
  readonly HOST: string;
  readonly PORT: number;
}

interface Definition {
  /** Names its schema and the audience of its callers. */
  readonly name: string;
  readonly migrations: URL;
  /** Makes what is the service's own, with its schema up to date. */
  readonly build: (db: Pool) => Promise<Parts>;
}

interface Parts {
  readonly routers: readonly Router[];
  readonly subscriptions?: readonly Subscription[];
  /** What it needs besides the database and its events, for health: `ok`, or what is wrong. */
  readonly health?: Readonly<Record<string, () => Promise<string>>>;
  /** Ends its background work, before the events and the connections go. */
  readonly stop?: () => Promise<void>;
}

/**
 * Starts a service. What was started is stopped again when a later step fails.
 *
 * @throws {Error} when the database is not reached or newer than this program, or the port is taken
 */
export async function startService(
  config: ServiceConfig,
  shared: Shared,
  definition: Definition,
): Promise<RunningService> {
  const parts = new AsyncDisposableStack();
  try {
    const url = await start(config, shared, definition, parts);
    return { url, stop: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function start(
  config: ServiceConfig,
  { transport, log }: Shared,
  { name, migrations, build }: Definition,
  parts: AsyncDisposableStack,
): Promise<URL> {
  await migrate({
    databaseUrl: config.DATABASE_URL,
    schema: name,
    directories: { [name]: migrations, messaging: messagingMigrations },
  });
  const db = connect(config.DATABASE_URL, log);
  parts.defer(() => db.end());
  const { routers, subscriptions = [], health = {}, stop = async () => {} } = await build(db);
  const messaging = startMessaging({ db, log, transport, subscriptions });
  parts.defer(() => messaging.stop());
  parts.defer(stop);
  const app = serviceApp({
    name,
    publicKey: config.GATEWAY_PUBLIC_KEY,
    routers,
    health: () =>
      askAll({
        database: () => db.query('select 1').then(() => 'ok'),
        // Without a broker events wait and everything else works: degraded, not down.
        events: async () =>
          messaging.state() === 'connected' ? 'ok' : 'no connection to the broker; events wait',
        ...health,
      }),
    log,
  });
  const listening = await listen(app, { host: config.HOST, port: config.PORT });
  parts.defer(() => listening.close());
  return listening.url;
}

/** A part that fails to answer is not reached. */
async function askAll(parts: Readonly<Record<string, () => Promise<string>>>): Promise<Health> {
  const answers = await Promise.all(
    Object.entries(parts).map(
      async ([part, ask]) => [part, await ask().catch(() => 'not reached')] as const,
    ),
  );
  const isWell = answers.every(([, answer]) => answer === 'ok');
  return { status: isWell ? 'ok' : 'degraded', parts: Object.fromEntries(answers) };
}
