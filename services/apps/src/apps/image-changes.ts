/** What the names of an app's images stand for, from one generation to the next. */
import type { Plan } from '@cep/contracts/plans';
import type { Db } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import type { RenderedApp, Service } from '../compose/model.ts';
import { digestOf } from '../engine/digests.ts';
import type { Engine } from '../engine/engine.ts';
import type { Engines } from '../engines/registry.ts';
import { openDocument } from '../generations/document.ts';
import { findGeneration, type ImageLock } from '../generations/store.ts';
import type { Work } from '../reconciler/work.ts';
import { getAppView } from './store.ts';

interface Deps {
  readonly db: Db;
  readonly engine: Pick<Engine, 'digestNow' | 'resolve'>;
  readonly sealer: Sealer;
}

const isAlways = ({ pullPolicy }: Service): boolean => pullPolicy === 'always';

/** @returns what goes on to stand for the same: all but what is pulled anew each time */
export function carried(images: ImageLock, { services, front }: RenderedApp): ImageLock {
  const used = [...services.map(({ image }) => image), ...(front ? [front.image] : [])];
  const anew = services.filter(isAlways).map(({ image }) => image);
  const goesOn = (image: string) => used.includes(image) && !anew.includes(image);
  return Object.fromEntries(Object.entries(images).filter(([image]) => goesOn(image)));
}

/**
 * Whether a registry has something new under a name that is pulled always; one that does not answer
 * has nothing.
 *
 * @throws {Problem} `not-found`
 */
export async function hasMoved(
  { db, engines, sealer }: Omit<Deps, 'engine'> & { readonly engines: Engines },
  projectId: string,
  name: string,
): Promise<boolean> {
  const { id, generation: number, engine: on } = await getAppView(db, projectId, name);
  const generation = await findGeneration(db, id, number);
  if (!generation?.images) return false;
  const { services } = openDocument(sealer, id, generation.document).rendered;
  const { engine } = await engines.of(on);
  for (const { image } of services.filter(isAlways)) {
    const before = digestOf(generation.images[image] ?? '');
    if (before && !image.includes('@')) {
      const now = await engine.digestNow(image);
      if (now !== undefined && now !== before) return true;
    }
  }
  return false;
}

/** @returns the services of an app whose images will be others than those of its last good generation */
export async function imageChanges(
  { db, engine, sealer }: Deps,
  { app, services, desired }: Work,
): Promise<Plan['images']> {
  const good = app && app.good !== null && (await findGeneration(db, app.id, app.good));
  if (!app || !good) return [];
  const before = new Map(
    openDocument(sealer, app.id, good.document).rendered.services.map(({ name, image }) => [
      name,
      digestOf(good.images?.[image] ?? image) ?? null,
    ]),
  );
  const all = await Promise.all(
    services.map(async ({ name, image, ...service }) => {
      const wanted = desired.containers.find((each) => each.service === name)?.image ?? image;
      const to = digestOf(wanted) ?? (await digestToBe(engine, { image, ...service })) ?? null;
      return { service: name, image, from: before.get(name) ?? null, to };
    }),
  );
  return all.filter(({ from, to }) => from !== to);
}

/** What a name will stand for: what is here, unless it is pulled all the same. */
async function digestToBe(
  { resolve, digestNow }: Deps['engine'],
  { image, pullPolicy }: Pick<Service, 'image' | 'pullPolicy'>,
): Promise<string | undefined> {
  const here = await resolve(image).catch(() => '');
  if (pullPolicy !== 'always' && here) return digestOf(here);
  return pullPolicy === 'never' ? undefined : digestNow(image);
}
