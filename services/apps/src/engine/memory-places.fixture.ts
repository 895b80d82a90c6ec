/** Images, networks and volumes of an engine in memory: what is in use stays. */
import type { Engine } from './engine.ts';
import { LABELS } from './labels.ts';
import { enforce, failure, holds, type Memory, nameOf } from './memory-state.fixture.ts';
import { volumePayload } from './payload.ts';
import { judgeVolume } from './policy.ts';

type Images = Pick<Engine, 'hasImage' | 'resolve' | 'digestNow' | 'pull'>;

/** A registry has all images but those whose names begin with `absent`. */
export const memoryImages = ({ images }: Memory): Images => ({
  hasImage: async (image) => images.has(nameOf(image)),
  async resolve(image) {
    if (!images.has(image)) throw failure(404, `No such image: ${image}`);
    return `${image}@sha256:${'0'.repeat(64)}`;
  },
  digestNow: async () => undefined,
  async pull(image) {
    if (image.startsWith('absent')) throw failure(404, 'manifest unknown');
    images.add(nameOf(image));
  },
});

const named = (things: Map<string, string>, appId: string) =>
  [...things].flatMap(([name, owner]) => (owner === appId ? name : []));

type Networks = Pick<Engine, 'networks' | 'createNetwork' | 'removeNetwork'>;

export const memoryNetworks = ({ networks, running }: Memory): Networks => ({
  networks: async (appId) => named(networks, appId),
  async createNetwork(labels, scope) {
    networks.set(scope.network, labels[LABELS.app] ?? '');
  },
  async removeNetwork(name) {
    if (running().some(({ payload }) => payload.HostConfig.NetworkMode === name)) {
      throw failure(403, `network ${name} has active endpoints`);
    }
    networks.delete(name);
  },
});

type Volumes = Pick<
  Engine,
  'volumes' | 'volumesOf' | 'volumeSizes' | 'volumeFolder' | 'createVolume' | 'removeVolume'
>;

export const memoryVolumes = ({ all, bound, forget, seen, volumes }: Memory): Volumes => ({
  volumes: async (appId) => named(volumes, appId),
  volumesOf: async () => [],
  volumeSizes: async () => new Map(),
  volumeFolder: async () => '/',
  async createVolume(name, labels, scope) {
    enforce(judgeVolume(volumePayload(name, labels, scope), scope));
    const folder = scope.folders?.get(name);
    if (folder !== undefined) bound.set(name, folder);
    volumes.set(name, labels[LABELS.app] ?? '');
    seen.volumes.add(name);
  },
  async removeVolume(name) {
    if (all().some((each) => holds(each).includes(`volume ${name}`))) {
      throw failure(409, `volume ${name} is in use`);
    }
    volumes.delete(name);
    // What is in a folder stays there.
    if (!bound.has(name)) forget(name);
  },
});
