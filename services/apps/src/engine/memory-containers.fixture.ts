/** Containers of an engine in memory: a name is taken once, a port bound once, and time passes. */
import { Duplex } from 'node:stream';
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Engine } from './engine.ts';
import { LABELS } from './labels.ts';
import { updatePayload } from './limits.ts';
import { startHelper } from './memory-helpers.fixture.ts';
import type { createMemoryPool } from './memory-pool.fixture.ts';
import {
  type Container,
  enforce,
  failure,
  holds,
  isHelper,
  type Memory,
  nameOf,
  SOON_MS,
  serviceOf,
  volumesAt,
} from './memory-state.fixture.ts';
import type { ContainerPayload } from './payload.ts';
import { judgeContainer, judgeUpdate } from './policy.ts';

type Pool = ReturnType<typeof createMemoryPool>;

function show(container: Container): ObservedContainer {
  const { id, name, payload, state, exitCode, startedAt, finishedAt, restarts, limits } = container;
  const isHealthy = Date.now() >= startedAt + SOON_MS;
  const health = 'Healthcheck' in payload ? (isHealthy ? 'healthy' : 'starting') : 'none';
  return {
    ...{ id, name, state, exitCode, startedAt, finishedAt, restarts, outOfMemory: false },
    service: serviceOf(container),
    spec: payload.Labels[LABELS.spec] ?? '',
    health: state === 'running' ? health : 'none',
    holds: holds(container),
    limits,
    networks: isHelper(payload) ? [] : Object.keys(payload.NetworkingConfig.EndpointsConfig),
  };
}

/** It goes by what was written into it from now on. */
function tell(container: Container): void {
  const { file, turns } = container;
  Object.assign(container, { turns: turns + 1, ...(file !== undefined && { told: file }) });
}

/** What a front sends people to has to be there. */
function notNeeded({ running, seen }: Memory, { name }: Container): void {
  const front = running().find(({ told }) => told?.includes(` ${name}:`));
  if (front) seen.sins.push(`${front.name} was left pointing to ${name}`);
}

function assertPlaces(
  { networks, volumes, bound, owners, seen }: Memory,
  pool: Pool,
  { name, payload }: Container & { readonly payload: ContainerPayload },
) {
  const { NetworkMode, Mounts } = payload.HostConfig;
  if (NetworkMode !== 'none' && !networks.has(NetworkMode)) {
    throw failure(404, `network ${NetworkMode} not found`);
  }
  for (const mount of Mounts) {
    if (mount.Type === 'volume' && !volumes.has(mount.Source)) {
      seen.sins.push(`${mount.Source} was made by the engine itself, and is nobody's`);
    }
    const isOwned = 'VolumeOptions' in mount && mount.VolumeOptions?.NoCopy;
    if (isOwned && !owners.has(mount.Source)) {
      seen.sins.push(`${name} starts before ${mount.Source} has its owner`);
    }
    const folder = bound.get(mount.Source ?? '');
    if (folder !== undefined && !pool.folders.has(folder)) {
      throw failure(500, `failed to mount local volume: ${folder}: no such file or directory`);
    }
  }
}

function assertAlone({ running, seen }: Memory, container: Container): void {
  for (const other of running()) {
    const { payload } = other;
    const read = isHelper(payload) ? volumesAt(payload).map(({ name }) => `volume ${name}`) : [];
    const torn = holds(container).find((held) => read.includes(held));
    if (torn) seen.sins.push(`${container.name} writes ${torn}, at which ${other.name} is`);
    const both = holds(other).filter((held) => holds(container).includes(held));
    if (both.some((held) => held.startsWith('tcp'))) {
      throw failure(500, 'driver failed: port is already allocated');
    }
    if (both.length > 0 && serviceOf(other) === serviceOf(container)) {
      seen.sins.push(`${other.name} and ${container.name} write ${both.join()}`);
    }
  }
}

type Asked = Pick<
  Engine,
  | 'containers'
  | 'createContainer'
  | 'writeFiles'
  | 'giveFolder'
  | 'update'
  | 'start'
  | 'stop'
  | 'pause'
  | 'unpause'
  | 'signal'
  | 'processes'
  | 'remove'
>;

export function memoryContainers(memory: Memory, pool: Pool): Asked {
  const { containers, data, find, seen } = memory;
  return {
    containers: async (appId) =>
      memory
        .all()
        .filter(({ payload }) => payload.Labels[LABELS.app] === appId)
        .map(show),
    async createContainer(name, payload, scope) {
      enforce(judgeContainer(payload, scope));
      memory.add(name, payload);
    },
    async writeFiles(idOrName, files) {
      const [file] = files;
      if (file) Object.assign(find(idOrName), { file: file.content });
    },
    async giveFolder(idOrName, target, { uid }) {
      const { name, payload, state } = find(idOrName);
      const mount = payload.HostConfig.Mounts.find(({ Target }) => Target === target);
      const volume = mount?.Type === 'volume' ? mount.Source : '';
      if (state !== 'created' || !memory.volumes.has(volume)) {
        seen.sins.push(`${name} gives no volume`);
      }
      if (data.has(volume)) seen.sins.push(`${volume} was given away when it was used`);
      memory.owners.set(volume, uid);
    },
    async update(id, changed, scope) {
      const container = containers.get(id);
      if (!container) return;
      enforce(judgeUpdate(updatePayload(changed), scope, container.payload.Labels));
      container.limits = { ...container.limits, ...changed };
    },
    async start(idOrName) {
      if (pool.start(idOrName)) return;
      const container = find(idOrName);
      if (container.state === 'running') return;
      const { payload } = container;
      if (isHelper(payload)) return startHelper(memory, container, payload);
      assertPlaces(memory, pool, { ...container, payload });
      assertAlone(memory, container);
      for (const held of holds(container)) {
        const volume = held.replace(/^volume /, '');
        if (!data.has(volume)) data.set(volume, nameOf(container.payload.Image));
      }
      Object.assign(container, { state: 'running', startedAt: Date.now(), exitCode: 0 });
      tell(container);
    },
    async stop(idOrName) {
      const container = memory.all().find(({ id }) => id === idOrName);
      if (!container || !['running', 'restarting', 'paused'].includes(container.state)) return;
      notNeeded(memory, container);
      if (container.state === 'restarting' && container.limits.restart !== 'no') {
        seen.sins.push(
          `${container.name} was stopped between two of its starts, and may come back`,
        );
      }
      Object.assign(container, { state: 'exited', exitCode: 143, finishedAt: Date.now() });
    },
    async pause(idOrName) {
      const container = find(idOrName);
      if (container.state === 'running') container.state = 'paused';
    },
    async unpause(idOrName) {
      const container = find(idOrName);
      if (container.state === 'paused') container.state = 'running';
    },
    async signal(idOrName) {
      tell(find(idOrName));
    },
    processes: async (idOrName) => ['1', `worker ${find(idOrName).turns}`],
    async remove(idOrName) {
      if (pool.remove(idOrName)) return;
      const container = memory.all().find(({ id, name }) => id === idOrName || name === idOrName);
      if (!container) return;
      if (container.state === 'running') notNeeded(memory, container);
      containers.delete(container.id);
    },
  };
}

type Programs = Pick<Engine, 'run' | 'prepare' | 'perform' | 'execState'>;

/** Programs that are run in containers: each ends at once and well. */
export function memoryPrograms({ find, seen }: Memory): Programs {
  /** Those that were made ready, and how they ended. */
  const programs: { what: string; exitCode: number | null }[] = [];
  return {
    run: async () => 0,
    async prepare({ id }, { command }) {
      find(id);
      programs.push({ what: `${id} ${command.join(' ')}`, exitCode: null });
      return String(programs.length - 1);
    },
    async perform(exec) {
      const program = programs[Number(exec)];
      if (!program) throw failure(404, 'No such exec instance');
      if (programs.some(({ what, exitCode }) => what === program.what && exitCode !== null)) {
        seen.sins.push(`${program.what} was run twice`);
      }
      program.exitCode = 0;
      return Duplex.from([]);
    },
    async execState(exec) {
      const program = programs[Number(exec)];
      return program && { isRunning: false, exitCode: program.exitCode };
    },
  };
}
