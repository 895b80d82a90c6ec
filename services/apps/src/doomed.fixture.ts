/**
 * An apps service that is killed while it asks the engine for the Nth change:
 * `doomed.fixture.ts N DATABASE_URL MASTER_KEY DOCKER_HOST`; even: before it asks, odd: just after.
 */
import { generateKeyPairSync } from 'node:crypto';
import { inProcess } from '@cep/messaging/in-process';
import { startService } from '@cep/service/start';
import { build } from './build.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import type { Store } from './templates/builtin-store.ts';

const [last = '', databaseUrl = '', masterKey = '', host = ''] = process.argv.slice(2);

const silent = { info() {}, warn() {}, error() {} };
const store: Store = { name: 'cep', templates: new Map() };

const CHANGES = [
  ...([
    'createContainer',
    'createNetwork',
    'createVolume',
    'removeNetwork',
    'removeVolume',
  ] as const),
  ...(['start', 'stop', 'remove', 'signal', 'prepare', 'perform'] as const),
  ...(['createHelper', 'createPoolHelper', 'createTargetHelper'] as const),
  ...(['pause', 'unpause', 'exec', 'writePiece', 'giveFolder', 'update'] as const),
];

let count = 0;

function doomed(engine: Engine): Engine {
  const changed = CHANGES.map((name) => {
    const ask = engine[name] as (...args: unknown[]) => Promise<void>;
    const counted = async (...args: unknown[]) => {
      const mine = count++;
      const isLast = mine === Math.floor(Number(last) / 2);
      if (isLast && Number(last) % 2 === 0) process.kill(process.pid, 'SIGKILL');
      const asked = ask(...args);
      if (isLast) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
      return asked;
    };
    return [name, counted];
  });
  return { ...engine, ...Object.fromEntries(changed) };
}

await startService(
  {
    DATABASE_URL: databaseUrl,
    GATEWAY_PUBLIC_KEY: generateKeyPairSync('ed25519')
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString(),
    HOST: '127.0.0.1',
    PORT: 0,
  },
  { transport: inProcess(silent), log: silent },
  {
    name: 'apps',
    migrations: new URL('../migrations/', import.meta.url),
    build: (db) =>
      build(db, {
        masterKey,
        store,
        engine: (instance) => doomed(createEngine(host, instance)),
        backupImage: 'restic/restic:0.18.1',
        hostAddresses: async () => [],
        log: silent,
      }),
  },
);
