/** Engines as callers see them. Pure. */
import type { Engine } from '@cep/contracts/engines';
import type { Abilities, Description } from '../engine/about.ts';
import { expiryOf } from './access.ts';
import type { Member } from './member.ts';
import type { EngineRow } from './store.ts';

interface Seen {
  readonly row: EngineRow;
  readonly member: Member;
  readonly addresses: readonly string[];
  readonly apps: number;
  /** What it said of itself a moment ago, if it was asked. */
  readonly met?: Description | undefined;
}

export function toEngine({ row, member, addresses, apps, met: just }: Seen): Engine {
  const { name, remote, everyone, projects } = row;
  const lost = member.lost();
  const met = just ?? member.description();
  return {
    name,
    url: remote?.url ?? null,
    state: lost ? 'lost' : 'reachable',
    since: lost?.since.toISOString() ?? null,
    why: lost?.why ?? null,
    addresses: [...addresses],
    everyone,
    projects: [...projects],
    apps,
    version: met?.version ?? null,
    platform: met?.platform ?? remote?.platform ?? null,
    unlimited: unlimitedOf(met?.abilities.unheld ?? []),
    certificateExpiresAt: remote ? expiryOf(remote.certificate) : null,
    addedAt: row.added_at.toISOString(),
  };
}

function unlimitedOf(unheld: Abilities['unheld']): Engine['unlimited'] {
  const words = { memoryBytes: 'memory', cpuQuota: 'processors', pids: 'processes' } as const;
  return unheld.flatMap((limit) => (limit in words ? words[limit as keyof typeof words] : []));
}
