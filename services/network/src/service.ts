import type { RunningService } from '@cep/http/service';
import { createSealer } from '@cep/sealing/sealer';
import { type Shared, startService } from '@cep/service/start';
import { createHub, type Hub } from './agents/hub.ts';
import { agentRoutes } from './agents/routes.ts';
import { checkMasterKey } from './bundles/bundles.ts';
import { createDesk } from './bundles/desk.ts';
import type { NetworkConfig } from './config.ts';
import { enrolmentRoutes } from './enrolments/routes.ts';
import { keepWarning } from './expiry/expiry.ts';
import { hostRoutes } from './hosts/routes.ts';
import { networkRoutes } from './networks/routes.ts';
import { policyRoutes } from './policies/routes.ts';
import { recordRoutes } from './records/routes.ts';
import { appNames } from './records/subscriptions.ts';
import { keepRotating } from './rotations/rounds.ts';
import { rotationRoutes } from './rotations/routes.ts';

/** @throws {Error} also when the master key is another than the one it had before */
export async function startNetwork(config: NetworkConfig, shared: Shared): Promise<RunningService> {
  let hub: Hub | undefined;
  const service = await startService(config, shared, {
    name: 'network',
    migrations: new URL('../migrations/', import.meta.url),
    async build(db) {
      const sealer = createSealer(config.MASTER_KEY);
      await checkMasterKey(db, sealer);
      const lifetimes = {
        authorityDays: config.AUTHORITY_DAYS,
        certificateDays: config.CERTIFICATE_DAYS,
      };
      const deps = { db, sealer, lifetimes, currentBundle: createDesk(db, sealer) };
      const theHub = createHub({ db, sealer, log: shared.log });
      hub = theHub;
      const loops = [keepRotating(deps, shared.log), keepWarning(db, shared.log)];
      return {
        routers: [
          networkRoutes(deps),
          hostRoutes(deps),
          enrolmentRoutes(deps),
          policyRoutes(deps),
          recordRoutes(deps),
          agentRoutes(deps, theHub),
          rotationRoutes(deps),
        ],
        subscriptions: appNames,
        async stop() {
          await theHub.stop();
          await Promise.all(loops.map((loop) => loop.stop()));
        },
      };
    },
  });
  return {
    url: service.url,
    async stop() {
      // Before the requests end: those that follow bundles end only with it.
      await hub?.stop();
      await service.stop();
    },
  };
}
