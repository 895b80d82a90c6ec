/** Reads what an app should be, and builds from it what the engine would be asked for. */

import type { Db } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import { type FoundApp, findApp } from '../apps/store.ts';
import type { File, Healthcheck, Service, Owner as VolumeOwner } from '../compose/model.ts';
import { lendersOf } from '../compose/shared-namespaces.ts';
import { withAddresses } from '../endpoints/variables.ts';
import { type Abilities, USUAL } from '../engine/about.ts';
import type { Owner } from '../engine/labels.ts';
import { LABELS } from '../engine/labels.ts';
import { type AppIdentity, containerName, projectOf, volumeName } from '../engine/names.ts';
import {
  type ContainerPayload,
  containerPayload,
  healthDeadline,
  sharedBy,
} from '../engine/payload.ts';
import type { Scope } from '../engine/policy.ts';
import { holdsOf, limitsOf, without } from '../engine/shape.ts';
import { withFront } from '../front/front.ts';
import { type Document, openDocument, secretsOf } from '../generations/document.ts';
import { findGeneration, type ImageLock } from '../generations/store.ts';
import { foldersOf } from '../pools/folders.ts';
import { findPlacedOf, type Placed } from '../pools/store.ts';
import { type Claim, claimsOf } from '../ports/store.ts';
import { ownersOf } from '../volumes/owner.ts';
import { findUnowned } from '../volumes/unowned-store.ts';
import type { Desired, DesiredContainer, Identity, Pull } from './state.ts';

export interface Work {
  /** Nothing: cep does not know the app, and what is left of it in the engine is an orphan. */
  readonly app?: FoundApp;
  readonly desired: Desired;
  /** By the container's name. */
  readonly payloads: ReadonlyMap<string, ContainerPayload>;
  /** By service; only of those that have one. */
  readonly healthchecks: ReadonlyMap<string, Healthcheck>;
  /** What is written into containers before they start, by the container's name. */
  readonly files: ReadonlyMap<string, readonly File[]>;
  /** The template's names of volumes by those in the engine. */
  readonly volumes: ReadonlyMap<string, string>;
  /** By name in the engine, how those are given to somebody that have an owner. */
  readonly owners: ReadonlyMap<string, Owning>;
  /** Those of them of which it is written down that this is still to be done. */
  readonly unowned: readonly string[];
  /** By name in the engine, those that lie in a pool. */
  readonly placed: ReadonlyMap<string, Placed>;
  /** Those of this generation. */
  readonly claims: readonly Claim[];
  readonly identity: AppIdentity;
  readonly owner: Owner;
  readonly scope: Scope;
  /** Those of this generation. */
  readonly services: readonly Service[];
  readonly document?: Document;
  /** What must not be told. */
  readonly secrets: readonly string[];
}

/** The container that a volume is given to its owner through. */
export interface Owning {
  readonly name: string;
  readonly payload: ContainerPayload;
  readonly owner: VolumeOwner;
}

interface Deps {
  readonly sealer: Sealer;
  readonly instance: string;
  readonly registries?: Scope['registries'];
}

/** For an update, a container without health check has to stay up so long, milliseconds. */
const OBSERVE_MS = 2_000;

/** @param abilities  those of its engine */
export async function loadWork(
  deps: Deps & { readonly db: Db },
  appId: string,
  abilities: Abilities,
): Promise<Work> {
  const { db, instance, registries } = deps;
  const app = await findApp(db, appId);
  if (!app) return orphan(instance, appId);
  const own = makeGeneration(deps, app, { all: app.claims, abilities });
  const { identity, owner, made, document, claims } = own;
  const isUpdate = app.good !== null && app.good !== app.generation;
  const { rendered } = document;
  const placed = await findPlacedOf(db, appId);
  const volumes = new Map(rendered.volumes.map((name) => [volumeName(identity, name), name]));
  const unowned = own.owners.size > 0 ? await findUnowned(db, [...own.owners.keys()]) : [];
  const milliseconds = (time: Date | null) => time?.getTime() ?? 0;
  return {
    app,
    claims,
    identity,
    owner,
    volumes,
    owners: own.owners,
    unowned,
    placed: new Map(placed.map((each) => [each.volume, each])),
    services: rendered.services,
    document,
    secrets: secretsOf(document),
    payloads: new Map(made.map(({ name, payload }) => [name, payload])),
    healthchecks: new Map(
      made.flatMap(({ service }) => {
        const check = checkOf(service);
        return check ? [[service.name, check] as const] : [];
      }),
    ),
    files: new Map(made.map(({ name, service }) => [name, service.files ?? []])),
    scope: {
      instance,
      appId,
      network: projectOf(identity),
      volumes: [...volumes.keys()],
      folders: foldersOf(placed),
      containers: made.map(({ name }) => name),
      address: app.address,
      granted: new Set(app.granted),
      registries,
      internal: rendered.internal ?? false,
    },
    desired: {
      wanted: app.wanted,
      removeVolumes: !app.keep_volumes,
      network: projectOf(identity),
      volumes: [...volumes.keys()],
      owned: [...own.owners.keys()],
      containers: made.map(toDesired(abilities)),
      unlocked: own.unlocked,
      kept: isUpdate ? await findKept(deps, app) : [],
      askedAt: app.is_awaited ? app.asked_at.getTime() : 0,
      interruptedAt: milliseconds(app.interrupted_at),
      restartAt: milliseconds(app.restart_at),
      observe: isUpdate ? (rendered.observe ?? OBSERVE_MS) : 0,
    },
  };
}

interface Circumstances {
  /** Of every generation. */
  readonly all: readonly Claim[];
  readonly abilities: Abilities;
}

type OfGeneration = 'generation' | 'address' | 'document' | 'images' | 'volume_sets';

/** Builds what one generation of an app asks the engine for. */
function makeGeneration(
  { sealer, instance }: Deps,
  app: Pick<FoundApp, 'id' | 'name' | 'project_id' | OfGeneration>,
  { all, abilities }: Circumstances,
) {
  const kept = openDocument(sealer, app.id, app.document);
  const { services, endpoints } = kept.rendered;
  const { id, name, generation, volume_sets: volumeSets } = app;
  const identity = { id, name, generation, volumeSets };
  const owner = { instance, projectId: app.project_id };
  const claims = claimsOf(all, { address: app.address, services });
  const document = withAddresses(kept, endpoints, { address: app.address, ports: claims });
  const { services: run, bindings } = withFront(document.rendered, claims);
  const place = { app: identity, owner, bindings, shared: sharedBy(services) };
  const make = (service: Service) => ({
    name: containerName(identity, service.name),
    service,
    payload: containerPayload(place, service, abilities.startInterval),
  });
  const images = run.map(locked(app.images));
  const made = images.map(make);
  const owners = new Map(
    ownersOf(images, document.rendered.owners).map(
      ({ volume, service, owner: to }): [string, Owning] => [
        volumeName(identity, volume),
        { ...make(service), owner: to },
      ],
    ),
  );
  return { document, identity, owner, claims, made, owners, unlocked: unlockedOf(run, app.images) };
}

/** A service with what the name of its image stands for. */
const locked =
  (images: ImageLock | null) =>
  (service: Service): Service => ({ ...service, image: images?.[service.image] ?? service.image });

const pullOf = ({ pullPolicy }: Service): Pull => pullPolicy ?? 'missing';

/** An image that several services have is pulled as the first of them says. */
function unlockedOf(services: readonly Service[], images: ImageLock | null): Desired['unlocked'] {
  if (!images) return [];
  const open = services.filter(({ image }) => images[image] === undefined);
  return [...new Set(open.map(({ image }) => image))].flatMap((image) => {
    const first = open.find((each) => each.image === image);
    return first ? { image, pull: pullOf(first) } : [];
  });
}

/** What the last good generation is made of. */
async function findKept(deps: Deps & { readonly db: Db }, app: FoundApp): Promise<Identity[]> {
  const good = await findGeneration(deps.db, app.id, app.good ?? 0);
  if (!good) return [];
  const { address, document, images, volume_sets, number: generation } = good;
  const then = { ...app, address, document, images, volume_sets, generation };
  return makeGeneration(deps, then, { all: app.claims, abilities: USUAL }).made.map(
    toDesired(USUAL),
  );
}

type Made = ReturnType<typeof makeGeneration>['made'][number];

/** Its health check, unless there is none or it is switched off. */
const checkOf = ({ healthcheck }: Service): Healthcheck | null =>
  healthcheck?.test[0] === 'NONE' ? null : healthcheck;

const deadlineOf = (check: Healthcheck | null): number | null => check && healthDeadline(check);

const toDesired =
  ({ unheld }: Abilities) =>
  ({ name, service, payload }: Made): DesiredContainer => ({
    name,
    service: service.name,
    image: service.image,
    pull: pullOf(service),
    spec: payload.Labels[LABELS.spec] ?? '',
    restart: service.restart,
    ...(service.optional && { optional: true }),
    ...(service.updateOrder === 'stop-first' && { stopFirst: true }),
    dependsOn: service.dependsOn,
    sharesWith: lendersOf(service),
    healthDeadline: deadlineOf(checkOf(service)),
    holds: holdsOf(payload.HostConfig),
    limits: without(unheld, limitsOf(payload.HostConfig)),
    networks: Object.keys(payload.NetworkingConfig.EndpointsConfig),
  });

/** Its containers and networks go; a volume is never removed for being unknown. */
const orphan = (instance: string, appId: string): Work => ({
  claims: [],
  identity: { id: appId, name: '', generation: 0 },
  owner: { instance, projectId: '' },
  payloads: new Map(),
  healthchecks: new Map(),
  secrets: [],
  services: [],
  files: new Map(),
  volumes: new Map(),
  placed: new Map(),
  owners: new Map(),
  unowned: [],
  scope: { instance, appId, network: '', volumes: [], address: '' },
  desired: {
    wanted: 'destroyed',
    removeVolumes: false,
    network: '',
    volumes: [],
    owned: [],
    containers: [],
    unlocked: [],
    kept: [],
    askedAt: 0,
    interruptedAt: 0,
    restartAt: 0,
    observe: 0,
  },
});
