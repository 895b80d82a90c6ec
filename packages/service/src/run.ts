import { loadConfig } from '@cep/config/load';
import { brokerSettings } from '@cep/config/service';
import { stopSignal } from '@cep/config/stop-signal';
import { closed, type Static, type TObject } from '@cep/contracts/schema';
import type { RunningService } from '@cep/http/service';
import { createLogger } from '@cep/logging/logger';
import { rabbit } from '@cep/messaging/rabbit';
import type { Shared } from './start.ts';

/**
 * Runs one service in a process of its own, with its configuration from the environment and its
 * events over RabbitMQ, until the process is told to stop.
 *
 * @param start  as `startNetwork(config, shared)`
 */
export async function runService<S extends TObject>(
  name: string,
  schema: S,
  start: (config: Static<S>, shared: Shared) => Promise<RunningService>,
): Promise<void> {
  const settings = loadConfig(closed({ ...schema.properties, ...brokerSettings }));
  const log = createLogger(name);
  const { RABBITMQ_URL } = settings as { RABBITMQ_URL: string };
  const transport = rabbit(RABBITMQ_URL, log);
  const service = await start(settings as Static<S>, { transport, log });
  log.info('listening', { url: service.url.href });
  const signal = await stopSignal();
  log.info('stopping', { signal });
  await service.stop();
}
