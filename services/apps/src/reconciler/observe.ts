import type { Engine } from '../engine/engine.ts';
import { current, type Desired, type Observed } from './state.ts';
import type { Work } from './work.ts';

/** What the engine has of an app. Of one that runs as it should, one call tells that all is there. */
export async function observe(
  engine: Engine,
  { desired, identity, unowned }: Pick<Work, 'desired' | 'identity' | 'unowned'>,
): Promise<Observed> {
  const containers = await engine.containers(identity.id);
  const bare = { containers, networks: [], volumes: [], unowned, missingImages: [] };
  if (isWhole(desired, bare)) {
    return { ...bare, networks: [desired.network], volumes: desired.volumes };
  }
  const [networks, volumes, missingImages] = await Promise.all([
    engine.networks(identity.id),
    engine.volumes(identity.id),
    findMissing(engine, desired, bare),
  ]);
  return { containers, networks, volumes, unowned, missingImages };
}

/** A container that runs could not without its networks and volumes. */
const isWhole = (desired: Desired, observed: Observed): boolean =>
  desired.wanted === 'running' &&
  desired.unlocked.length === 0 &&
  desired.containers.every((each) => current(each, observed)?.state === 'running');

async function findMissing(
  engine: Engine,
  { wanted, containers }: Desired,
  observed: Observed,
): Promise<string[]> {
  if (wanted !== 'running') return [];
  const images = containers
    .filter((each) => each.pull !== 'never' && !current(each, observed))
    .map(({ image }) => image);
  const present = await Promise.all(
    [...new Set(images)].map(async (image) => ({ image, here: await engine.hasImage(image) })),
  );
  return present.flatMap(({ image, here }) => (here ? [] : image));
}
