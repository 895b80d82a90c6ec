import { runService } from '@cep/service/run';
import { AppsConfig } from './config.ts';
import { startApps } from './service.ts';

await runService('apps', AppsConfig, startApps);
