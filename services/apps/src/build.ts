import { availableParallelism } from 'node:os';
import type { Logger } from '@cep/logging/logger';
import { createSealer } from '@cep/sealing/sealer';
import type { startService } from '@cep/service/start';
import type { Pool } from 'pg';
import type { Deps } from './apps/deps.ts';
import { appRoutes } from './apps/routes.ts';
import { getInstance } from './apps/store.ts';
import { domains } from './apps/subscriptions.ts';
import { backupRoutes } from './backups/routes.ts';
import { keepBackingUp } from './backups/schedules.ts';
import type { Engine } from './engine/engine.ts';
import { createExecutions } from './executions/executions.ts';
import { executionRoutes } from './executions/routes.ts';
import { networkCopies } from './networks/subscriptions.ts';
import { createProgress } from './operations/progress.ts';
import { operationRoutes } from './operations/routes.ts';
import { createLeases } from './reconciler/leases.ts';
import { createLimit } from './reconciler/limit.ts';
import { createLoop, type Loop } from './reconciler/loop.ts';
import { createProber } from './reconciler/prober.ts';
import { reconcile } from './reconciler/reconcile.ts';
import { startWatch } from './reconciler/watch.ts';
import { storeRoutes } from './stores/routes.ts';
import type { Store } from './templates/builtin-store.ts';
import { volumeRoutes } from './volumes/routes.ts';
import { keepSweeping } from './volumes/sweep.ts';

interface Outside {
  readonly masterKey: string;
  /** Reaches the engine, and there what belongs to this instance. */
  readonly engine: (instance: string) => Engine;
  readonly store: Store;
  readonly hostAddresses: Deps['hostAddresses'];
  /** The image that has restic in it. */
  readonly backupImage: string;
  readonly log: Logger;
}

type Parts = Awaited<ReturnType<Parameters<typeof startService>[2]['build']>>;

const PULLS_AT_ONCE = 3;

/** What Docker calls the processors that Node names otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

const platformOf = (arch: string): string => `linux/${ARCHITECTURES[arch] ?? arch}`;

/** Wires the service's own parts, and starts to reconcile every app that there is. */
export async function build(db: Pool, outside: Outside): Promise<Parts> {
  const { store, hostAddresses, backupImage, log } = outside;
  const instance = await getInstance(db);
  const engine = outside.engine(instance);
  const sealer = createSealer(outside.masterKey);
  const progress = createProgress();
  const steps = createLimit(2 * availableParallelism());
  const limits = { steps, pulls: createLimit(PULLS_AT_ONCE) };
  const prober = createProber(engine);
  const leases = createLeases(db);
  const nudge = (appId: string) => loop.nudge(appId);
  const parts = { db, sealer, engine, instance, progress, limits };
  const work = { ...parts, backupImage, prober, nudge };
  const loop: Loop = createLoop({
    log,
    reconcile: (id, signal) => leases.holding(id, signal, (held) => reconcile(work, id, held)),
  });
  const watch = startWatch({ engine, db, loop, log });
  const sweeping = keepSweeping({ db, engine, log });
  const backing = keepBackingUp({ db, sealer, loop, log });
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const platform = platformOf(process.arch);
  const common = {
    db,
    instance,
    platform,
    sealer,
    store,
    engine,
    loop,
    progress,
    hostAddresses,
    timezone,
  };
  const apps = { ...common, engineIsUp: watch.isUp };
  return {
    routers: [
      ...[storeRoutes({ db, builtin: store }), appRoutes(apps), backupRoutes(apps)],
      ...[volumeRoutes({ db, engine }), operationRoutes({ db, progress })],
      executionRoutes(createExecutions({ db, engine })),
    ],
    subscriptions: [...networkCopies, ...domains],
    health: {
      engine: () =>
        engine.ping().then(
          () => 'ok',
          () => 'Docker is not reached',
        ),
    },
    async stop() {
      sweeping.stop();
      backing.stop();
      watch.stop();
      prober.stop();
      await loop.stop();
      await leases.stop();
    },
  };
}
