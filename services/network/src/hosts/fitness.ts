import type { Combination } from '@cep/nebula/lint';
import { settingsOf } from '../networks/settings.ts';
import type { NetworkRow } from '../networks/store.ts';
import type { Role } from './role.ts';

type Described = Pick<Role, 'lighthouse' | 'relay' | 'interface' | 'port'> & {
  readonly name: string;
  readonly groups: readonly string[];
};

/** What is to go together, for the rules of what breaks nebula. */
export const combinationOf = (
  network: Omit<NetworkRow, 'id' | 'name'>,
  { name, groups, lighthouse, relay, interface: hasInterface, port }: Described,
  nebulaVersion: string | null = null,
): Combination => ({
  network: settingsOf(network),
  host: { name, groups, lighthouse, relay, interface: hasInterface, port },
  ...(nebulaVersion !== null && { nebulaVersion }),
});
