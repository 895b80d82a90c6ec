/**
 * Bundles for machines that wait for theirs. Most of what is read for one is that of the whole
 * network: those that are asked for while others are compiled are compiled together, next.
 */
import { snapshot } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { networkSources } from './bundles.ts';
import { compileOwn, compileShared } from './compile.ts';
import { bundleSigner, textOf } from './sign.ts';
import { findOthers } from './store.ts';

export interface SignedBundle {
  /** Compact JWS. */
  readonly bundle: string;
  /** Raw, base64url. */
  readonly bundleKey: string;
}

/**
 * What an enrolled host is to be, by everything that was committed before the call; nothing for one
 * that was revoked or deleted.
 */
export type CurrentBundle = (
  networkId: string,
  hostId: string,
) => Promise<SignedBundle | undefined>;

interface Waiting {
  readonly hostId: string;
  readonly resolve: (bundle: SignedBundle | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export function createDesk(db: Pool, sealer: Sealer): CurrentBundle {
  /** By network; an entry means that somebody is at work for it. */
  const lines = new Map<string, Waiting[]>();

  async function work(networkId: string, line: Waiting[]): Promise<void> {
    while (line.length > 0) {
      const asked = line.splice(0);
      try {
        const hostIds = asked.map(({ hostId }) => hostId);
        const made = await compileAll(db, sealer, networkId, hostIds);
        for (const { hostId, resolve } of asked) resolve(made.get(hostId));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    lines.delete(networkId);
  }

  return (networkId, hostId) =>
    new Promise((resolve, reject) => {
      const waiting = { hostId, resolve, reject };
      const line = lines.get(networkId);
      if (line) {
        line.push(waiting);
        return;
      }
      const begun = [waiting];
      lines.set(networkId, begun);
      void work(networkId, begun);
    });
}

async function compileAll(
  db: Pool,
  sealer: Sealer,
  networkId: string,
  hostIds: readonly string[],
): Promise<Map<string, SignedBundle>> {
  const holdings = hostIds.map((hostId) => ({ hostId, have: -1 }));
  const found = await snapshot(db, async (tx) => {
    const hosts = await findOthers(tx, networkId, holdings);
    return hosts.length === 0
      ? undefined
      : { hosts, ...(await networkSources(tx, sealer, networkId)) };
  });
  if (found === undefined) return new Map();
  const { hosts, key, public_key: bundleKey, ...sources } = found;
  const now = new Date();
  const sign = bundleSigner(compileShared(sources), key);
  return new Map(
    hosts.map((host) => {
      const bundle = textOf(sign(compileOwn(sources, host, now)));
      return [host.id, { bundle, bundleKey }];
    }),
  );
}
