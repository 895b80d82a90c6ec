/** Every engine there is, each with a connection, a stream of events and limits of its own. */
import type { Logger } from '@cep/logging/logger';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Lost } from '../engine/failures.ts';
import { createLimit, type Limit } from '../reconciler/limit.ts';
import type { Loop } from '../reconciler/loop.ts';
import { openKey } from './key.ts';
import { LOCAL } from './local.ts';
import { connectMember, type Member } from './member.ts';
import { noSight, type Sight } from './sight.ts';
import { type EngineRow, findEngines, getEngine, unknownEngine } from './store.ts';

export interface Engines {
  /** @throws {Problem} `not-found` */
  of(name: string): Promise<Member>;
  /** Of all that there are. */
  names(): readonly string[];
  /** Those that are reached now. */
  reached(): readonly Member[];
  /** Since when and why an engine is not reached; nothing while it is. */
  lost(name: string): Lost | undefined;
  /** Connects to what was added or changed, and leaves what was removed, here or by another process. */
  sync(): Promise<void>;
  stop(): void;
}

export interface Local {
  readonly engine: Engine;
  /** e.g. `linux/amd64`. */
  readonly platform: string;
  /** The IPv4 addresses of this machine on overlays. */
  readonly hostAddresses: () => Promise<readonly string[]>;
  readonly sight: Sight;
}

interface Deps {
  readonly db: Pool;
  readonly sealer: Sealer;
  /** The id of this installation. */
  readonly instance: string;
  readonly local: Local;
  /** As {@link createEngine} has it, for remote ones. */
  readonly pullPatience?: number | undefined;
  readonly loop: Loop;
  readonly log: Logger;
}

interface Connected {
  readonly member: Member;
  readonly changedAt: number;
}

/** How soon is seen what another process has changed. */
const SYNC_MS = 30_000;

export function createEngines(deps: Deps): Engines {
  const { db, log } = deps;
  const connected = new Map<string, Connected>();
  const oneAtATime: Limit = createLimit(1);
  let isStopped = false;

  async function read(): Promise<void> {
    const rows = await findEngines(db);
    if (isStopped) return;
    for (const [name, { member, changedAt }] of connected) {
      const row = rows.find((each) => each.name === name);
      if (row?.changed_at.getTime() === changedAt) continue;
      member.stop();
      connected.delete(name);
    }
    for (const row of rows) {
      if (connected.has(row.name)) continue;
      const member = connectMember(deps, { row, ...placeOf(deps, row) });
      connected.set(row.name, { member, changedAt: row.changed_at.getTime() });
    }
  }

  const sync = () => oneAtATime(read);
  const timer = setInterval(() => {
    sync().catch((error: unknown) => log.warn('engines not read', { error }));
  }, SYNC_MS).unref();

  return {
    sync,
    async of(name) {
      if (!connected.has(name)) {
        await getEngine(db, name);
        await sync();
      }
      const found = connected.get(name);
      if (!found) throw unknownEngine(name);
      return found.member;
    },
    names: () => [...connected.keys()],
    reached: () => [...connected.values()].flatMap(({ member }) => (member.lost() ? [] : [member])),
    lost: (name) => connected.get(name)?.member.lost(),
    stop() {
      isStopped = true;
      clearInterval(timer);
      for (const { member } of connected.values()) member.stop();
    },
  };
}

/** How an engine is reached, and what is known of its machine. */
function placeOf(
  { sealer, instance, local, pullPatience }: Deps,
  { name, remote, addresses }: EngineRow,
): Local {
  if (!remote) {
    if (name !== LOCAL) throw new Error(`nothing is known of the engine ${name}`);
    return local;
  }
  const { url, ca, certificate, platform } = remote;
  const credentials = { ca, certificate, key: openKey(sealer, name, remote.key) };
  const engine = createEngine({ url, credentials }, instance, pullPatience);
  return { engine, platform, hostAddresses: async () => addresses, sight: noSight };
}
