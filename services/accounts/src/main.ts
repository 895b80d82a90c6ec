import { runService } from '@cep/service/run';
import { AccountsConfig } from './config.ts';
import { startAccounts } from './service.ts';

await runService('accounts', AccountsConfig, startAccounts);
