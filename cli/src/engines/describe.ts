/** Engines in words, for people. Pure. */
import type { Engine } from '@cep/contracts/engines';
import { card } from '../table.ts';

/** e.g. `lost since 2026-01-31T12:00:00.000Z: it does not answer`. */
export const describeState = ({ state, since, why }: Engine): string =>
  state === 'lost' ? `lost since ${since}: ${why}` : state;

/** e.g. `administrators, and the projects ada, team`. */
export function describeShares({
  everyone,
  projects,
}: Pick<Engine, 'everyone' | 'projects'>): string {
  if (everyone) return 'every project';
  if (projects.length === 0) return 'administrators';
  return `administrators, and ${projects.length === 1 ? 'the project' : 'the projects'} ${projects.join(', ')}`;
}

export const describeEngine = (engine: Engine): string =>
  card({
    Name: engine.name,
    Address: engine.url ?? 'the Docker of the machine that cep runs on',
    State: describeState(engine),
    Docker: engine.version,
    Platform: engine.platform,
    'Apps are bound to': engine.addresses.join(', ') || 'its loopback only',
    'Open to': describeShares(engine),
    Apps: String(engine.apps),
    'Does not limit': engine.unlimited.join(', ') || null,
    'Certificate expires': engine.certificateExpiresAt,
    Added: engine.addedAt,
  });
