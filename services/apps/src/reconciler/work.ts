/** Reads what an app should be, and builds from it what the engine would be asked for. */
import type { Sealer } from '@cep/sealing/sealer';
import type { Pool } from 'pg';
import { type FoundApp, findApp } from '../apps/store.ts';
import type { File, Service } from '../compose/model.ts';
import { sharedBy } from '../compose/shared-namespaces.ts';
import type { Owner } from '../engine/labels.ts';
import { LABELS } from '../engine/labels.ts';
import { type AppIdentity, containerName, projectOf, volumeName } from '../engine/names.ts';
import { type ContainerPayload, containerPayload, healthDeadline } from '../engine/payload.ts';
import type { Scope } from '../engine/policy.ts';
import { openDocument } from '../generations/document.ts';
import { findGrants } from '../grants/store.ts';
import { type Claim, findClaims } from '../ports/store.ts';
import type { Desired, DesiredContainer } from './state.ts';

export interface Work {
  /** Nothing: cep does not know the app, and what is left of it in the engine is an orphan. */
  readonly app?: FoundApp;
  readonly desired: Desired;
  /** By the container's name. */
  readonly payloads: ReadonlyMap<string, ContainerPayload>;
  /** What is written into containers before they start, by the container's name. */
  readonly files: ReadonlyMap<string, readonly File[]>;
  /** The template's names of volumes by those in the engine. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly claims: readonly Claim[];
  readonly identity: AppIdentity;
  readonly owner: Owner;
  readonly scope: Scope;
}

interface Deps {
  readonly db: Pool;
  readonly sealer: Sealer;
  readonly instance: string;
}

/** @param startInterval  see {@link containerPayload} */
export async function loadWork(deps: Deps, appId: string, startInterval: boolean): Promise<Work> {
  const app = await findApp(deps.db, appId);
  if (!app) return orphan(deps.instance, appId);
  const claims = await findClaims(deps.db, appId);
  const grants = await findGrants(deps.db, appId);
  const { rendered } = openDocument(deps.sealer, appId, app.document);
  const identity = { id: app.id, name: app.name, generation: app.generation };
  const owner = { instance: deps.instance, projectId: app.project_id };
  const place = { app: identity, owner, bindings: claims };
  const volumes = new Map(rendered.volumes.map((name) => [volumeName(identity, name), name]));
  const made = rendered.services.map((service) => {
    const payload = containerPayload(place, service, startInterval);
    return { name: containerName(identity, service.name), service, payload };
  });
  return {
    app,
    claims,
    identity,
    owner,
    volumes,
    payloads: new Map(made.map(({ name, payload }) => [name, payload])),
    files: new Map(made.map(({ name, service }) => [name, service.files ?? []])),
    scope: {
      instance: deps.instance,
      appId,
      network: projectOf(identity),
      volumes: [...volumes.keys()],
      containers: made.map(({ name }) => name),
      address: app.address,
      granted: new Set(grants.map(({ permission }) => permission)),
      internal: rendered.internal ?? false,
    },
    desired: {
      wanted: app.wanted,
      removeVolumes: !app.keep_volumes,
      network: projectOf(identity),
      volumes: [...volumes.keys()],
      containers: made.map(({ name, service, payload }) =>
        toDesired(name, service, payload.Labels[LABELS.spec] ?? ''),
      ),
      askedAt: app.asked_at?.getTime() ?? 0,
    },
  };
}

const toDesired = (name: string, service: Service, spec: string): DesiredContainer => ({
  name,
  service: service.name,
  image: service.image,
  spec,
  restart: service.restart,
  dependsOn: service.dependsOn,
  sharesWith: sharedBy(service),
  healthDeadline: service.healthcheck && healthDeadline(service.healthcheck),
});

/** Its containers and networks go; a volume is never removed for being unknown. */
const orphan = (instance: string, appId: string): Work => ({
  claims: [],
  identity: { id: appId, name: '', generation: 0 },
  owner: { instance, projectId: '' },
  payloads: new Map(),
  files: new Map(),
  volumes: new Map(),
  scope: { instance, appId, network: '', volumes: [], address: '' },
  desired: {
    wanted: 'destroyed',
    removeVolumes: false,
    network: '',
    volumes: [],
    containers: [],
    askedAt: 0,
  },
});
