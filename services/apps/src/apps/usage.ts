import type { UserCaller } from '@cep/contracts/caller';
import type { Input, Reply } from '@cep/contracts/endpoint';
import type * as contract from '@cep/contracts/usage';
import { unavailable } from '../engine/failures.ts';
import type { Deps } from './deps.ts';
import { getAppView } from './store.ts';

/** What the services of an app use, as the engine tells it. */
export async function getUsage(
  { db, engines }: Deps,
  { params }: Input<typeof contract.getUsage>,
  { projectId }: UserCaller,
): Promise<Reply<typeof contract.getUsage>> {
  const { id, engine: on } = await getAppView(db, projectId, params.app);
  const { engine } = await engines.of(on);
  const containers = await engine.containers(id).catch(unavailable);
  const running = containers.filter((each) => each.state === 'running' && each.service !== '');
  const services = await Promise.all(
    running.map(async ({ id: container, service }) => {
      const usage = await engine.usage(container);
      return usage ? [{ name: service, ...usage }] : [];
    }),
  );
  return { services: services.flat().sort((a, b) => a.name.localeCompare(b.name)) };
}
