/** Keeps the copy of networks and their hosts, as the network service states them. */
import { HostDeleted, HostEnrolled, HostRevoked } from '@cep/contracts/hosts';
import { NetworkCreated, NetworkDeleted } from '@cep/contracts/networks';
import { sql } from '@cep/database/sql';
import type { Subscription } from '@cep/messaging/inbox';

// Each event has a queue of its own, so a deletion may come before what it deletes: it leaves a mark.

const copyNetwork: Subscription<typeof NetworkCreated> = {
  queue: 'apps.copy-network',
  event: NetworkCreated,
  async handle(tx, { networkId, projectId, name, cidr }) {
    await tx.query(sql`
      insert into networks (id, project_id, name, cidr)
      values (${networkId}, ${projectId}, ${name}, ${cidr})
      on conflict (id) do nothing`);
  },
};

const forgetNetwork: Subscription<typeof NetworkDeleted> = {
  queue: 'apps.forget-network',
  event: NetworkDeleted,
  async handle(tx, { networkId }) {
    await tx.query(sql`
      insert into networks (id, deleted) values (${networkId}, true)
      on conflict (id) do update set deleted = true`);
  },
};

const copyHost: Subscription<typeof HostEnrolled> = {
  queue: 'apps.copy-host',
  event: HostEnrolled,
  async handle(tx, { hostId, networkId, name, address }) {
    await tx.query(sql`
      insert into network_hosts (id, network_id, name, address)
      values (${hostId}, ${networkId}, ${name}, ${address})
      on conflict (id) do update set name = excluded.name, address = excluded.address`);
  },
};

const forgetHost: Subscription<typeof HostDeleted> = {
  queue: 'apps.forget-host',
  event: HostDeleted,
  async handle(tx, { hostId, networkId }) {
    await tx.query(sql`
      insert into network_hosts (id, network_id, deleted) values (${hostId}, ${networkId}, true)
      on conflict (id) do update set deleted = true`);
  },
};

/** No app is put on a host that is shut out. */
const forgetRevokedHost: Subscription<typeof HostRevoked> = {
  queue: 'apps.forget-revoked-host',
  event: HostRevoked,
  handle: forgetHost.handle,
};

export const networkCopies = [
  ...[copyNetwork, forgetNetwork],
  ...[copyHost, forgetHost, forgetRevokedHost],
] as Subscription[];
