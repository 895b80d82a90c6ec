/**
 * Gives a new volume to the user whom its template names: through a container that has the volume and
 * never starts, in which the engine itself unpacks an archive of one folder. So it takes no image but the
 * app's own, no program and no rights. Pure.
 *
 * What an image has where a volume is mounted is not copied into one that has an owner: the engine would
 * do so for every container that is made while the volume is empty, and copy the folder's owner with it.
 */
import { bareService } from '../compose/bare-service.ts';
import type { Mount, Owner, RenderedApp, Service } from '../compose/model.ts';

/** Where the volume is in the container. */
export const OWNED = '/cep/volume';

/** @returns the services, none of which brings what its image has into a volume with an owner */
export const keepOwners = (services: readonly Service[], owners: RenderedApp['owners'] = {}) =>
  services.map((service) => ({
    ...service,
    mounts: service.mounts.map((mount) => withoutCopy(mount, owners)),
  }));

const withoutCopy = (mount: Mount, owners: Readonly<Record<string, Owner>>): Mount =>
  mount.kind === 'volume' && Object.hasOwn(owners, mount.volume)
    ? { ...mount, noCopy: true }
    : mount;

/** In words, for people who read what would run. */
export const ownerNotes = (owners: Readonly<Record<string, Owner>>): string[] =>
  Object.entries(owners).map(
    ([volume, { uid, gid }]) =>
      `The volume ${volume} begins empty, whatever its image has there, and belongs to ${uid}:${gid}.`,
  );

export interface Owned {
  readonly volume: string;
  readonly owner: Owner;
  /** Its container never starts. */
  readonly service: Service;
}

/** @param services  as they are run, with their images */
export const ownersOf = (
  services: readonly Service[],
  owners: RenderedApp['owners'] = {},
): Owned[] =>
  Object.entries(owners).flatMap(([volume, owner]) => {
    const user = services.find(({ mounts }) => mounts.some((each) => isOf(each, volume)));
    return user ? [{ volume, owner, service: ownerService(volume, user.image) }] : [];
  });

const isOf = (mount: Mount, volume: string): boolean =>
  mount.kind === 'volume' && mount.volume === volume;

const ownerService = (volume: string, image: string): Service => ({
  // No service of a compose file can be called so.
  ...bareService(`owner_${volume}`, image),
  // It never starts; without one, the engine asks the image for a command, which may have none.
  entrypoint: ['none'],
  network: 'none',
  mounts: [{ kind: 'volume', volume, target: OWNED, readOnly: false, noCopy: true }],
});
