/** What is asked of hosts on the network "home", in few words. */
import type { UserCaller } from '@cep/contracts/caller';
import * as contract from '@cep/contracts/hosts';
import { machine, user, type World } from '../world.fixture.ts';

export const alice = user('alice');
export const mallory = user('mallory');

/** Taken by whatever changes the hosts of a network. */
export const LOCK = 'select from networks for update';

/** @param world  as it is when something is asked */
export function hostsOf(world: () => World) {
  const at = (host: string) => ({ network: 'home', host });
  const call: World['call'] = (...request) => world().call(...request);
  return {
    create: (body: object, as: UserCaller = alice) =>
      call(as, contract.createHost, { params: { network: 'home' }, body: body as never }),
    list: async (as: UserCaller = alice) =>
      (await call(as, contract.listHosts, { params: { network: 'home' } })).hosts,
    show: (host: string, as: UserCaller = alice) =>
      call(as, contract.getHost, { params: at(host) }),
    remove: (host: string, as: UserCaller = alice) =>
      call(as, contract.deleteHost, { params: at(host) }),
    edit: (host: string, body: object, as: UserCaller = alice) =>
      call(as, contract.editHost, { params: at(host), body }),
    revoke: (host: string, as: UserCaller = alice) =>
      call(as, contract.revokeHost, { params: at(host) }),
    code: (host: string, as: UserCaller = alice) =>
      call(as, contract.createEnrolment, { params: at(host) }),
    enrol: (host: string, code: string) =>
      call(alice, contract.enrolHost, { params: at(host), body: { code, ...machine().sent } }),
    async revokedFingerprints(): Promise<string[]> {
      const { rows } = await world().db.query(
        'select fingerprint from certificates where revoked_at is not null',
      );
      return rows.map(({ fingerprint }) => fingerprint);
    },
  };
}
