import { runService } from '@cep/service/run';
import { NetworkConfig } from './config.ts';
import { startNetwork } from './service.ts';

await runService('network', NetworkConfig, startNetwork);
