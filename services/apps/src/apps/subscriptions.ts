/** Keeps what the network service says of the names of apps. */
import { AppNamed } from '@cep/contracts/records';
import { sql } from '@cep/database/sql';
import type { Subscription } from '@cep/messaging/inbox';

const keepName: Subscription<typeof AppNamed> = {
  queue: 'apps.keep-name',
  event: AppNamed,
  async handle(tx, { appId, networkId, name, takenBy }) {
    await tx.query(sql`
      update apps set domain = ${name}, domain_taken_by = ${takenBy}
      where id = ${appId} and network_id = ${networkId}`);
  },
};

export const domains = [keepName] as Subscription[];
