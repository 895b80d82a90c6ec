import { loadConfig } from '@cep/config/load';
import { stopSignal } from '@cep/config/stop-signal';
import { createLogger } from '@cep/logging/logger';
import { GatewayConfig } from './config.ts';
import { startGateway } from './service.ts';

const log = createLogger('gateway');
const gateway = await startGateway(loadConfig(GatewayConfig), { log });
log.info('listening', {
  url: gateway.url.href,
  httpUrl: gateway.httpUrl?.href,
  fingerprint: gateway.fingerprint,
});
await stopSignal();
await gateway.stop();
