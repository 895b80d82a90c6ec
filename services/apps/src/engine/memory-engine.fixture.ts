/**
 * An engine in memory that behaves as Docker does where the reconciler depends on it: names are
 * taken once, images and networks must be there, a volume in use stays, a port is bound once, a
 * container becomes healthy or ends a moment after its start. It outlives the service, as Docker does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../reconciler/state.ts';
import type { Engine } from './engine.ts';
import { memoryContainers, memoryPrograms } from './memory-containers.fixture.ts';
import { frame, help, memoryHelpers } from './memory-helpers.fixture.ts';
import { memoryImages, memoryNetworks, memoryVolumes } from './memory-places.fixture.ts';
import { createMemoryPool } from './memory-pool.fixture.ts';
import { createMemory, nameOf, SOON_MS, serviceOf } from './memory-state.fixture.ts';
import { without } from './shape.ts';

/** Lines as the engine sends them: frames, each line with its time. */
async function* framed(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield frame(`2026-01-01T00:00:00.000000000Z ${line}\n`);
}

/** @param unheld  limits that it takes, and leaves out */
export function createMemoryEngine(unheld: readonly (keyof Limits)[] = []) {
  const memory = createMemory(help);
  const { networks, volumes, output, seen, data, owners, snapshots } = memory;
  const pool = createMemoryPool(SOON_MS, memory.forget);
  const abilities = { startInterval: true, unheld };
  const containers = memoryContainers(memory, pool);
  const nothing = async function* () {};

  const engine: Engine = {
    abilities: async () => abilities,
    ping: async () => {},
    async describe() {
      const capacity = { memoryBytes: 2 ** 34, cpus: 4 };
      const own = { id: '', version: '', apiVersion: '', platform: 'linux/amd64', root: '/' };
      return { ...own, capacity, abilities };
    },
    hangUp() {},
    apps: async () => [...new Set(networks.values())],
    ...memoryImages(memory),
    ...memoryNetworks(memory),
    ...memoryVolumes(memory),
    ...containers,
    containers: async (appId) =>
      (await containers.containers(appId)).map((each) => ({
        ...each,
        limits: without(unheld, each.limits),
      })),
    ...memoryPrograms(memory),
    ...memoryHelpers(memory),
    ...pool.asked,
    logs: async (id) => framed(output.get(id) ?? []),
    events: async () => nothing(),
    history: async () => nothing(),
    usage: async () => undefined,
  };

  return {
    ...{ engine, seen, data, owners, snapshots },
    /** Of volumes in pools. */
    folders: pool.folders,
    poolHelpers: pool.left,
    /** Names, by kind; containers with what they run. */
    left: () => ({
      containers: memory
        .all()
        .map((each) => `${serviceOf(each)} ${nameOf(each.payload.Image)} ${each.state}`),
      networks: [...networks.keys()],
      volumes: [...volumes.keys()],
    }),
    soon: () => sleep(SOON_MS),
  };
}

export type MemoryEngine = ReturnType<typeof createMemoryEngine>;
