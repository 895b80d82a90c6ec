import type { RunningAccounts } from '@cep/accounts/service';
import { loadProfile, saveProfile } from '@cep/cli/profile';

interface Deps {
  readonly home: string;
  readonly accounts: RunningAccounts;
  /** Where people on this machine reach the gateway. */
  readonly server: URL;
  /** The gateway's, PEM, for the CLI to pin. */
  readonly certificate: string;
}

/**
 * Signs the CLI in on this machine: whoever can read the home holds the database anyway.
 *
 * @returns whether it did; a CLI that has a token for this server keeps it
 */
export async function signInHere({ home, accounts, server, certificate }: Deps): Promise<boolean> {
  if (loadProfile(home).servers[server.origin]?.token) return false;
  const { user, secret } = await accounts.signInOperator('this-machine');
  saveProfile({ home, server, token: secret, certificate, username: user.username });
  return true;
}
