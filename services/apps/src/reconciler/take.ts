import type { Pool } from 'pg';
import { Failure } from '../engine/failures.ts';
import { networkLabels, volumeLabels } from '../engine/labels.ts';
import type { Member } from '../engines/member.ts';
import { lockImage } from '../generations/store.ts';
import type { Progress } from '../operations/progress.ts';
import { makeFolder, removeVolume } from '../pools/folders.ts';
import type { Deps as RunDeps } from '../pools/run.ts';
import { OWNED } from '../volumes/owner.ts';
import { deleteUnowned, insertUnowned } from '../volumes/unowned-store.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';

export interface Deps extends RunDeps, Pick<Member, 'limits' | 'sight'> {
  readonly db: Pool;
  readonly progress: Progress;
}

/** How often progress of a pull is passed on, milliseconds. */
const PROGRESS_MS = 200;

/** Takes one step. Each is idempotent: that the engine has already done it is success. */
export async function take(deps: Deps, work: Work, step: Step, signal: AbortSignal): Promise<void> {
  const { engine, limits } = deps;
  signal.throwIfAborted();
  if (step.do === 'pull') {
    return limits.pulls(step.image)(() => pull(deps, work, step.image, signal));
  }
  return limits.steps(async () => {
    signal.throwIfAborted();
    switch (step.do) {
      case 'lock':
        return lock(deps, work, step.image);
      case 'create-network':
        return engine.createNetwork(networkLabels(work.identity, work.owner), work.scope);
      case 'create-volume': {
        const volume = work.volumes.get(step.name) ?? '';
        const labels = volumeLabels(work.identity, work.owner, volume);
        const placed = work.placed.get(step.name);
        if (placed) await makeFolder(deps, placed);
        if (work.owners.has(step.name)) await insertUnowned(deps.db, step.name);
        return engine.createVolume(step.name, labels, work.scope);
      }
      case 'own-volume':
        return own(deps, work, step.name);
      case 'create': {
        const payload = work.payloads.get(step.name);
        if (!payload) throw new Error(`nothing is known of ${step.name}`);
        return engine.createContainer(step.name, payload, work.scope);
      }
      case 'update':
        return engine.update(step.id, step.limits, work.scope);
      case 'start':
        await engine.writeFiles(step.name, work.files.get(step.name) ?? []);
        return engine.start(step.name);
      case 'stop':
        return engine.stop(step.id);
      case 'remove':
        return engine.remove(step.id, { volumes: work.desired.removeVolumes });
      case 'remove-network':
        return engine.removeNetwork(step.name);
      case 'remove-volume':
        return removeVolume(deps, step.name);
    }
  });
}

/** Again, it does no harm: what is still to be given to its owner was used by nobody. */
async function own({ db, engine }: Deps, { owners, scope }: Work, volume: string): Promise<void> {
  const owning = owners.get(volume);
  if (!owning) throw new Error(`nobody is to own ${volume}`);
  const { name, payload, owner } = owning;
  await engine.createContainer(name, payload, scope);
  await engine.giveFolder(name, OWNED, owner);
  await engine.remove(name, { volumes: false });
  await deleteUnowned(db, volume);
}

/** From now on the generation runs just the image that is here now under that name. */
async function lock(
  { db, engine }: Pick<Deps, 'db' | 'engine'>,
  { identity }: Work,
  image: string,
): Promise<void> {
  const generation = { appId: identity.id, number: identity.generation };
  await lockImage(db, generation, image, await engine.resolve(image));
}

/**
 * Keeps what the names of images that are here stand for, so that no plan has to wait for it.
 *
 * @returns whether there were any
 */
export async function lockPresent(deps: Pick<Deps, 'db' | 'engine'>, work: Work): Promise<boolean> {
  const { unlocked, wanted } = work.desired;
  if (wanted !== 'running') return false;
  const locks = await Promise.all(
    unlocked
      .filter(({ pull: when }) => when !== 'always')
      .map(({ image }) =>
        lock(deps, work, image).then(
          () => true,
          // It is not here, or the engine is not: what is done then says so.
          () => false,
        ),
      ),
  );
  return locks.some(Boolean);
}

/** With less than this free on an engine's disk, what runs there needs the rest. */
const LEAST_FREE = 64 * 2 ** 20;

/** @throws {Failure} `no-space` */
async function assertRoom({ sight }: Pick<Deps, 'sight'>, image: string): Promise<void> {
  const free = await sight.freeBytes();
  if (free === undefined || free >= LEAST_FREE) return;
  throw new Failure({
    code: 'no-space',
    message: `Only ${Math.floor(free / 2 ** 20)} MiB are free where Docker keeps images: ${image} is not pulled, so that what runs has them.`,
    next: 'Free some space on the disk of Docker, then deploy again.',
  });
}

async function pull(
  deps: Deps,
  { identity }: Work,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  const { engine, progress } = deps;
  await assertRoom(deps, image);
  let last = { doneBytes: 0, totalBytes: 0 };
  let toldAt = 0;
  const tell = () => progress.pulled(identity.id, { image, ...last });
  progress.step(identity.id, `pulling ${image}`);
  tell();
  await engine.pull(
    image,
    (now) => {
      last = now;
      if (Date.now() - toldAt < PROGRESS_MS) return;
      toldAt = Date.now();
      tell();
    },
    signal,
  );
  tell();
}
