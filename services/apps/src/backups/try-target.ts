/** Tries whether a place can have backups, from the machine of one engine. */
import { Problem } from '@cep/contracts/problems';
import { Failure, isNoFolder, unavailable } from '../engine/failures.ts';
import { targetHelperName } from '../engine/names.ts';
import { Late, runAlone } from '../engine/run-alone.ts';
import { type Place, targetPayload } from '../engine/target-payload.ts';
import type { Engines } from '../engines/registry.ts';
import { keyFiles, type TargetSecrets } from './secret-files.ts';
import { flawOf, type Tried, triedOf } from './trial.ts';

export interface Deps {
  readonly engines: Engines;
  /** The id of this installation. */
  readonly instance: string;
  readonly backupImage: string;
}

export interface Trial {
  readonly place: Place;
  readonly keys: Pick<TargetSecrets, 'keyId' | 'keySecret'>;
  /** The engine's name. */
  readonly on: string;
}

/** A host that drops what is sent to it does not answer; nobody waits longer. Milliseconds. */
const PATIENCE_MS = 45_000;

/**
 * Writes there what a backup would, and clears it away: of a folder nothing is left, of a bucket an empty
 * repository, which the next trial takes again. About one place, one at a time.
 *
 * @throws {Problem} `target-unusable`; `not-found` for the engine; `unavailable` when it is lost
 */
export async function tryTarget(
  { engines, instance, backupImage: image }: Deps,
  { place, keys, on }: Trial,
  patience = PATIENCE_MS,
): Promise<Tried> {
  const { engine } = await engines.of(on);
  const name = targetHelperName();
  const create = () => {
    const payload = targetPayload({ instance, image, place });
    return engine.createTargetHelper(name, payload, { instance, image, place });
  };
  const helper = { kind: 'target' as const, name, image, create, files: keyFiles(keys) };
  const ended = await runAlone(engine, { ...helper, patience, endsLate: true }).catch(
    (error: unknown) => {
      if (error instanceof Late) return 'late';
      if (isNoFolder(error)) return 'no folder';
      if (error instanceof Failure) throw unusable(`${error.message} ${error.reason.next}`, error);
      return unavailable(error);
    },
  );
  const flaw = flawOf(ended, place, on);
  if (flaw !== undefined) throw unusable(flaw);
  return triedOf(ended);
}

const unusable = (sentence: string, cause?: unknown) =>
  new Problem('target-unusable', sentence, { cause });
