import type { Logger } from '@cep/logging/logger';
import { createSealer } from '@cep/sealing/sealer';
import type { startService } from '@cep/service/start';
import type { Pool } from 'pg';
import { appRoutes } from './apps/routes.ts';
import { getInstance } from './apps/store.ts';
import { domains } from './apps/subscriptions.ts';
import { backupRoutes } from './backups/routes.ts';
import { keepBackingUp } from './backups/schedules.ts';
import type { Engine } from './engine/engine.ts';
import { createEngines, type Local } from './engines/registry.ts';
import { engineRoutes } from './engines/routes.ts';
import { createExecutions } from './executions/executions.ts';
import { executionRoutes } from './executions/routes.ts';
import { networkCopies } from './networks/subscriptions.ts';
import { createProgress } from './operations/progress.ts';
import { operationRoutes } from './operations/routes.ts';
import { createMeasuring } from './pools/measuring.ts';
import { poolRoutes } from './pools/routes.ts';
import { createLeases } from './reconciler/leases.ts';
import { createLoop, type Loop } from './reconciler/loop.ts';
import { reconcile } from './reconciler/reconcile.ts';
import { storeRoutes } from './stores/routes.ts';
import type { Store } from './templates/builtin-store.ts';
import { volumeRoutes } from './volumes/routes.ts';
import { keepSweeping } from './volumes/sweep.ts';

interface Outside {
  readonly masterKey: string;
  /** Reaches the engine of this machine, and there what belongs to this instance. */
  readonly engine: (instance: string) => Engine;
  readonly store: Store;
  readonly hostAddresses: Local['hostAddresses'];
  /** The image that has restic in it. */
  readonly backupImage: string;
  /** Milliseconds without progress after which a pull on a remote engine has failed. */
  readonly pullPatience?: number;
  /** Where the images of apps may come from; from anywhere when left out. */
  readonly registries?: readonly string[] | undefined;
  readonly log: Logger;
}

type Parts = Awaited<ReturnType<Parameters<typeof startService>[2]['build']>>;

/** What Docker calls the processors that Node names otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

const platformOf = (arch: string): string => `linux/${ARCHITECTURES[arch] ?? arch}`;

/** Wires the service's own parts, and starts to reconcile every app that there is. */
export async function build(db: Pool, outside: Outside): Promise<Parts> {
  const { store, hostAddresses, backupImage, pullPatience, registries, log } = outside;
  const instance = await getInstance(db);
  const sealer = createSealer(outside.masterKey);
  const progress = createProgress();
  const leases = createLeases(db);
  const loop: Loop = createLoop({
    log,
    reconcile: (id, signal) => leases.holding(id, signal, (held) => reconcile(work, id, held)),
  });
  const engine = outside.engine(instance);
  const local = { engine, platform: platformOf(process.arch), hostAddresses };
  const engines = createEngines({ db, sealer, instance, local, pullPatience, loop, log });
  const parts = { db, sealer, engines, instance, progress, backupImage, registries };
  const work = { ...parts, nudge: loop.nudge };
  await engines.sync();
  const pools = { db, engines, instance, backupImage, measure: createMeasuring() };
  const sweeping = keepSweeping({ ...pools, log });
  const backing = keepBackingUp({ db, sealer, loop, log });
  const { timeZone: timezone, locale: language } = Intl.DateTimeFormat().resolvedOptions();
  const told = { timezone, language };
  const apps = { db, instance, sealer, store, engines, loop, progress, registries, ...told };
  return {
    routers: [
      ...[
        storeRoutes({ db, builtin: store, registries }),
        appRoutes(apps),
        backupRoutes({ ...apps, backupImage }),
      ],
      ...[poolRoutes(pools), volumeRoutes(pools), operationRoutes({ db, progress })],
      ...[executionRoutes(createExecutions({ db, engines }))],
      ...[engineRoutes({ db, sealer, instance, engines })],
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
      await loop.stop();
      engines.stop();
      await leases.stop();
    },
  };
}
