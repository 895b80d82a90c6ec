/** Engines in words, for people. Pure. */
import type { Engine } from '@cep/contracts/engines';
import { card } from '../table.ts';

/** e.g. `lost since 2026-01-31T12:00:00.000Z: it does not answer`. */
export const describeState = ({ state, since, why }: Engine): string =>
  state === 'lost' ? `lost since ${since}: ${why}` : state;

export const describeEngine = (engine: Engine): string =>
  card({
    Name: engine.name,
    Address: engine.url ?? 'the Docker of the machine that cep runs on',
    State: describeState(engine),
    Docker: engine.version,
    Platform: engine.platform,
    'Apps are bound to': engine.addresses.join(', ') || 'its loopback only',
    Apps: String(engine.apps),
    'Certificate expires': engine.certificateExpiresAt,
    Added: engine.addedAt,
  });
