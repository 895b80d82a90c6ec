/**
 * The hosts that are connected to this replica, and what each is still to be told. Changes are heard
 * through the database, so it does not matter which replica makes them. Of each host only the
 * latest bundle is kept until it is read.
 */
import { randomUUID } from 'node:crypto';
import type { HostCaller } from '@cep/contracts/host-caller';
import { Problem } from '@cep/contracts/problems';
import { listenToNotices } from '@cep/database/notices';
import { WrittenJson } from '@cep/http/events';
import type { Logger } from '@cep/logging/logger';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { newerBundles, type Update } from '../bundles/bundles.ts';
import { parseNotice } from '../bundles/notice.ts';
import { catchUp } from '../bundles/restored.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { createPresence } from './presence.ts';
import { createRounds } from './rounds.ts';
import { keepConnections } from './store.ts';

/** How often the database is told who is here, in one statement; and asked what was missed. */
const SWEEP_MS = 30_000;

interface Follower {
  readonly connection: string;
  readonly hostId: string;
  readonly networkId: string;
  readonly mailbox: Mailbox<WrittenJson>;
  /** The version of the bundle that it has or was sent. */
  have: number;
}

export interface Hub {
  /** @throws {Problem} `host-revoked`, also later, while it is read; then `connected-elsewhere`, too */
  follow(host: HostCaller, have: number, gone: AbortSignal): Promise<AsyncIterable<WrittenJson>>;
  /** Ends every reading; agents connect again, perhaps to another replica. */
  stop(): Promise<void>;
}

interface Deps {
  readonly db: Pool;
  readonly sealer: Sealer;
  readonly log: Logger;
}

export function createHub({ db, sealer, log }: Deps): Hub {
  /** By host. */
  const followers = new Map<string, Follower>();
  const presence = createPresence(db, log);
  const networks = () => new Set([...followers.values()].map(({ networkId }) => networkId));

  const rounds = createRounds({
    log,
    async run(networkId, hostIds) {
      const asked = hostIds
        ? hostIds.map((id) => followers.get(id)).filter((each) => each !== undefined)
        : [...followers.values()].filter((each) => each.networkId === networkId);
      if (asked.length === 0) return;
      const ahead: Follower[] = [];
      for await (const update of newerBundles(db, sealer, networkId, asked)) {
        const follower = followers.get(update.hostId);
        if (follower === undefined) continue;
        if (update.is === 'ahead') ahead.push(follower);
        else deliver(follower, update);
      }
      await catchUp(db, networkId, ahead);
    },
  });

  function deliver(follower: Follower, update: Exclude<Update, { is: 'ahead' }>): void {
    if (update.is === 'gone') return follower.mailbox.end(revoked());
    if (update.version <= follower.have) return;
    follower.have = update.version;
    const [head, tail, signature] = update.bundle;
    follower.mailbox.put(new WrittenJson([`{"bundle":"${head}`, tail, `${signature}"}`]));
  }

  async function sweep(): Promise<void> {
    const present = [...followers.values()];
    const kept = new Set(
      await keepConnections(
        db,
        present.map(({ connection }) => connection),
      ),
    );
    for (const networkId of networks()) rounds.ask(networkId);
    for (const { connection, mailbox } of present) {
      if (!kept.has(connection)) mailbox.end(replaced());
    }
  }

  const notices = listenToNotices({
    ...{ db, log, name: 'bundles' },
    hear(payload) {
      const { networkId, hostIds } = parseNotice(payload);
      const here = hostIds.filter((id) => followers.has(id));
      if (hostIds.length === 0) rounds.ask(networkId);
      else if (here.length > 0) rounds.ask(networkId, here);
    },
    connected: () => networks().forEach((networkId) => rounds.ask(networkId)),
  });
  const sweeping = setInterval(() => {
    sweep().catch((error: unknown) => log.warn('connections not noted', { error }));
  }, SWEEP_MS);

  function forget({ hostId, connection }: Pick<Follower, 'hostId' | 'connection'>): void {
    if (followers.get(hostId)?.connection === connection) followers.delete(hostId);
    presence.leave(connection);
  }

  return {
    async follow({ hostId, networkId }, have, gone) {
      const connection = randomUUID();
      if (!(await presence.arrive(hostId, connection))) throw revoked();
      const mailbox = createMailbox<WrittenJson>(() => forget({ hostId, connection }));
      const follower = { connection, hostId, networkId, mailbox, have };
      followers.get(hostId)?.mailbox.end(replaced());
      followers.set(hostId, follower);
      gone.addEventListener('abort', () => mailbox.end(), { once: true });
      if (gone.aborted) mailbox.end();
      rounds.ask(networkId, [hostId]);
      return mailbox;
    },
    async stop() {
      clearInterval(sweeping);
      await notices.stop();
      for (const { mailbox } of followers.values()) mailbox.end();
      await rounds.stop();
      await presence.stop();
    },
  };
}

export const revoked = () =>
  new Problem('host-revoked', 'This host was revoked or deleted: it is on the network no longer.');

const replaced = () =>
  new Problem(
    'connected-elsewhere',
    'Another agent has connected as this host. If that is not this machine, revoke the host.',
  );
