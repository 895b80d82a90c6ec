import type { RunningService } from '@cep/http/service';
import { type Shared, startService } from '@cep/service/start';
import type { AccountsConfig } from './config.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import { keepSweeping } from './tokens/sweep.ts';
import { createAttempts } from './users/attempts.ts';
import { ensureFirstAdmin, type OperatorToken, signInOperator } from './users/first-admin.ts';
import { createPasswords } from './users/passwords.ts';
import { userRoutes } from './users/routes.ts';
import { hasUsers } from './users/store.ts';

export interface RunningAccounts extends RunningService {
  /** As `signInOperator` of users/first-admin.ts: for the program that runs the whole installation. */
  signInOperator(tokenName: string): Promise<OperatorToken>;
}

/** With FIRST_ADMIN_PASSWORD it makes the first administrator, if there is no user yet. */
export async function startAccounts(
  config: AccountsConfig,
  shared: Shared,
): Promise<RunningAccounts> {
  const passwords = await createPasswords();
  let operator: RunningAccounts['signInOperator'] | undefined;
  const service = await startService(config, shared, {
    name: 'accounts',
    migrations: new URL('../migrations/', import.meta.url),
    async build(db) {
      const { FIRST_ADMIN_PASSWORD } = config;
      if (FIRST_ADMIN_PASSWORD) await ensureFirstAdmin(db, passwords, FIRST_ADMIN_PASSWORD);
      else if (!(await hasUsers(db))) shared.log.info(NO_USERS);
      operator = (tokenName) => signInOperator(db, passwords, tokenName);
      const sweeping = keepSweeping(db, shared.log);
      const deps = { db, passwords, attempts: createAttempts() };
      return {
        routers: [sessionRoutes(deps), tokenRoutes(db), userRoutes(deps)],
        stop: async () => sweeping.stop(),
      };
    },
  });
  if (!operator) throw new Error('the service was started without its parts');
  return { ...service, signInOperator: operator };
}

const NO_USERS =
  'there are no users: FIRST_ADMIN_PASSWORD_FILE may name a file with the password of "admin"';
