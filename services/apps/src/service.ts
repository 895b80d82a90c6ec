import type { RunningService } from '@cep/http/service';
import { type Shared, startService } from '@cep/service/start';
import { build } from './build.ts';
import type { AppsConfig } from './config.ts';
import { createEngine } from './engine/engine.ts';
import { ownAddresses, probedAddresses } from './engine/host-addresses.ts';
import { ownSight } from './engines/sight.ts';
import { loadBuiltinStore } from './templates/builtin-store.ts';

/** @returns nothing when none is named: then all are allowed */
const namedIn = (list: string): string[] | undefined => {
  const names = list.split(/[\s,]+/).filter(Boolean);
  return names.length > 0 ? names : undefined;
};

/** Whether this process is on the machine of the engine, and not in a container there. */
const isHere = ({ HOST_ADDRESSES, DOCKER_HOST }: AppsConfig): boolean =>
  HOST_ADDRESSES === 'own' && DOCKER_HOST.startsWith('unix:');

export async function startApps(config: AppsConfig, shared: Shared): Promise<RunningService> {
  const store = await loadBuiltinStore();
  const pullPatience = config.PULL_PATIENCE * 1_000;
  return startService(config, shared, {
    name: 'apps',
    migrations: new URL('../migrations/', import.meta.url),
    build: (db) =>
      build(db, {
        masterKey: config.MASTER_KEY,
        engine: (instance) => createEngine(config.DOCKER_HOST, instance, pullPatience),
        pullPatience,
        store,
        backupImage: config.BACKUP_IMAGE,
        registries: namedIn(config.ALLOWED_REGISTRIES),
        ...(isHere(config) && { sight: ownSight }),
        hostAddresses:
          config.HOST_ADDRESSES === 'probe' ? probedAddresses(config.DOCKER_HOST) : ownAddresses,
        log: shared.log,
      }),
  });
}
