/**
 * An engine in memory that behaves as Docker does where the reconciler depends on it: names are
 * taken once, images and networks must be there, a volume in use stays, a port is bound once, a
 * container becomes healthy or ends a moment after its start. It outlives the service, as Docker does.
 */
import { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPLETE } from '../backups/dumps/kind.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import type { Engine } from './engine.ts';
import { DUMPS, type HelperPayload, VOLUMES } from './helper-payload.ts';
import { LABELS } from './labels.ts';
import { createMemoryPool } from './memory-pool.fixture.ts';
import { type ContainerPayload, volumePayload } from './payload.ts';
import { judgeHelper, judgePiece } from './policy/helper.ts';
import { judgeContainer, judgeVolume } from './policy.ts';
import { holdsOf, limitsOf } from './shape.ts';

interface Container {
  readonly id: string;
  readonly name: string;
  readonly payload: ContainerPayload | HelperPayload;
  state: ObservedContainer['state'];
  exitCode: number;
  startedAt: number;
  finishedAt: number;
  restarts: number;
  /** What was written into it last, and what it goes by since it was started or told. */
  file?: string;
  told?: string;
  /** How often it was told. */
  turns: number;
}

function frame(text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** Lines as the engine sends them: frames, each line with its time. */
async function* framed(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield frame(`2026-01-01T00:00:00.000000000Z ${line}\n`);
}

/** Until a container is healthy, or a broken one has ended, milliseconds. */
const SOON_MS = 4;

const nameOf = (image: string): string => image.replace(/@.*/, '');

const failure = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), { statusCode });

const DF =
  'Filesystem 1024-blocks Used Available Capacity Mounted on\nx 99999999 0 99999999 0% /\n';

/** A program that reads until there is no more, and prints nothing. */
function takingAll(done: (text: string) => void): Duplex {
  let text = '';
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, next) {
      text += chunk.toString();
      next();
    },
    final(next) {
      done(text);
      this.push(null);
      next();
    },
  });
}

export function createMemoryEngine() {
  const containers = new Map<string, Container>();
  const networks = new Map<string, string>();
  const volumes = new Map<string, string>();
  const images = new Set<string>();
  /** What is in a volume: who wrote there first. A backup has it by the template's names. */
  const data = new Map<string, string>();
  const snapshots = new Map<string, Readonly<Record<string, string>>>();
  const output = new Map<string, readonly string[]>();
  /** Of helpers, by their ids: what of dumps was written into them, by path. */
  const pieces = new Map<string, Record<string, string>>();
  /** By volume, whom it was given to. */
  const owners = new Map<string, number>();
  /** Every volume that was ever made, and what should never be seen. */
  const seen = { volumes: new Set<string>(), sins: [] as string[] };
  /** Volumes into which a dump was loaded. */
  const loaded = new Set<string>();
  const forget = (volume: string) => {
    data.delete(volume);
    loaded.delete(volume);
    owners.delete(volume);
  };
  const pool = createMemoryPool(SOON_MS, forget);
  /** By volume, the folder that it is bound to. */
  const bound = new Map<string, string>();
  let count = 0;
  /** Those that were made ready, and how they ended. */
  const programs: { what: string; exitCode: number | null }[] = [];

  /** A program that is broken has ended by now. */
  const settle = (container: Container) => {
    const isOver = Date.now() >= container.startedAt + SOON_MS;
    if (container.state !== 'running' || !isOver) return container;
    if (isHelper(container.payload)) return help(container, container.payload);
    if (!container.payload.Image.startsWith('broken')) return container;
    const isKept = container.payload.HostConfig.RestartPolicy.Name === 'unless-stopped';
    // Docker has started it again a few times by then, and waits before it does once more.
    const end = isKept ? { state: 'restarting', restarts: 6 } : { state: 'exited' };
    return Object.assign(container, { ...end, exitCode: 4, finishedAt: Date.now() });
  };
  const isHelper = (payload: Container['payload']): payload is HelperPayload =>
    payload.Labels[LABELS.helper] === 'backup';
  const volumesAt = ({ HostConfig }: HelperPayload) =>
    HostConfig.Mounts.flatMap(({ Type, Source, Target }) =>
      Type === 'volume' ? [{ name: Source, volume: Target.slice(VOLUMES.length + 1) }] : [],
    );
  /** What restic does, at the end of its time. */
  const help = (container: Container, payload: HelperPayload) => {
    const [command = '', what = ''] = payload.Cmd;
    const ended = (exitCode: number, ...lines: string[]) => {
      output.set(container.id, lines);
      return Object.assign(container, { state: 'exited', exitCode, finishedAt: Date.now() });
    };
    const mounted = volumesAt(payload);
    if (command === 'backup') {
      const snapshot = `snapshot-${++count}`;
      const saved = mounted.map(({ name, volume }) => [volume, data.get(name) ?? ''] as const);
      const dumps = pieces.get(container.id) ?? {};
      const half = Object.keys(dumps).filter((path) => !isWhole(dumps[path] ?? ''));
      seen.sins.push(...half.map((path) => `half a dump was saved: ${path}`));
      snapshots.set(snapshot, { ...dumps, ...Object.fromEntries(saved) });
      return ended(0, JSON.stringify({ message_type: 'summary', snapshot_id: snapshot }));
    }
    if (command === 'restore') {
      const saved = snapshots.get(what);
      if (!saved) return ended(1, `no matching ID found for prefix "${what}"`);
      for (const { name, volume } of mounted) data.set(name, saved[volume] ?? '');
      const dumps = Object.entries(saved).filter(([path]) => path.startsWith(DUMPS));
      pieces.set(container.id, Object.fromEntries(dumps));
    }
    if (command === 'forget') for (const id of payload.Cmd) snapshots.delete(id);
    return ended(0);
  };
  const isWhole = (text: string) => text.endsWith(`${COMPLETE}\n`);
  const all = () => [...containers.values()].map(settle);
  const find = (idOrName: string): Container => {
    const found = all().find(({ id, name }) => id === idOrName || name === idOrName);
    if (found) return found;
    throw failure(404, `No such container: ${idOrName}`);
  };
  const running = () => all().filter(({ state }) => state === 'running');
  const holds = ({ payload }: Container) => holdsOf(payload.HostConfig);
  const serviceOf = ({ payload }: Container) => payload.Labels[LABELS.service] ?? '';

  function show(container: Container): ObservedContainer {
    const { id, name, payload, state, exitCode, startedAt, finishedAt, restarts } = container;
    const isHealthy = Date.now() >= startedAt + SOON_MS;
    const health = 'Healthcheck' in payload ? (isHealthy ? 'healthy' : 'starting') : 'none';
    return {
      ...{ id, name, state, exitCode, startedAt, finishedAt, restarts, outOfMemory: false },
      service: serviceOf(container),
      spec: payload.Labels[LABELS.spec] ?? '',
      health: state === 'running' ? health : 'none',
      holds: holds(container),
      limits: limitsOf(
        payload.HostConfig,
        isHelper(payload) ? [] : Object.keys(payload.NetworkingConfig.EndpointsConfig),
      ),
    };
  }

  /** It goes by what was written into it from now on. */
  const tell = (container: Container) => {
    const { file, turns } = container;
    Object.assign(container, { turns: turns + 1, ...(file !== undefined && { told: file }) });
  };
  /** What a front sends people to has to be there. */
  const notNeeded = ({ name }: Container) => {
    const front = running().find(({ told }) => told?.includes(` ${name}:`));
    if (front) seen.sins.push(`${front.name} was left pointing to ${name}`);
  };

  const ofApp = (appId: string) =>
    all().filter(({ payload }) => payload.Labels[LABELS.app] === appId);
  const named = (things: Map<string, string>, appId: string) =>
    [...things].flatMap(([name, owner]) => (owner === appId ? name : []));
  const nothing = async function* () {};

  /** Nothing may write what it reads, nor use what it writes. */
  function startHelper(container: Container, payload: HelperPayload): void {
    const names = volumesAt(payload).map(({ name }) => name);
    for (const other of running()) {
      const torn = holds(other).find((held) => names.includes(held.replace(/^volume /, '')));
      if (torn) seen.sins.push(`${other.name} writes ${torn}, at which ${container.name} is`);
    }
    if (names.some((name) => !volumes.has(name)))
      seen.sins.push(`${container.name} makes a volume`);
    Object.assign(container, { state: 'running', startedAt: Date.now(), exitCode: 0 });
  }

  const engine: Engine = {
    probesFast: async () => true,
    ping: async () => {},
    describe: async () => ({
      ...{ id: '', version: '', apiVersion: '', platform: 'linux/amd64' },
      capacity: { memoryBytes: 2 ** 34, cpus: 4 },
    }),
    hangUp() {},
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
    containers: async (appId) => ofApp(appId).map(show),
    networks: async (appId) => named(networks, appId),
    volumes: async (appId) => named(volumes, appId),
    volumesOf: async () => [],
    volumeSizes: async () => new Map(),
    volumeFolder: async () => '/',
    async writeFiles(idOrName, files) {
      const [file] = files;
      if (file) Object.assign(find(idOrName), { file: file.content });
    },
    async giveFolder(idOrName, target, { uid }) {
      const { name, payload, state } = find(idOrName);
      const mount = payload.HostConfig.Mounts.find(({ Target }) => Target === target);
      const volume = mount?.Type === 'volume' ? mount.Source : '';
      if (state !== 'created' || !volumes.has(volume)) seen.sins.push(`${name} gives no volume`);
      if (data.has(volume)) seen.sins.push(`${volume} was given away when it was used`);
      owners.set(volume, uid);
    },
    async signal(idOrName) {
      tell(find(idOrName));
    },
    processes: async (idOrName) => ['1', `worker ${find(idOrName).turns}`],
    apps: async () => [...new Set(networks.values())],
    async createContainer(name, payload, scope) {
      const refusal = judgeContainer(payload, scope);
      if (refusal) throw new Error(refusal.message);
      if (!images.has(nameOf(payload.Image))) throw failure(404, `No such image: ${payload.Image}`);
      // The same name again is, to the engine above this, a state to look at.
      if (all().some((each) => each.name === name)) return;
      const id = `id-${++count}`;
      const times = { startedAt: 0, finishedAt: 0, exitCode: 0, restarts: 0, turns: 0 };
      containers.set(id, { id, name, payload, state: 'created', ...times });
    },
    async createHelper(name, payload, scope) {
      const refusal = judgeHelper(payload, scope);
      if (refusal) throw new Error(refusal.message);
      if (!images.has(payload.Image)) throw failure(404, `No such image: ${payload.Image}`);
      if (all().some((each) => each.name === name)) return;
      const id = `id-${++count}`;
      const times = { startedAt: 0, finishedAt: 0, exitCode: 0, restarts: 0, turns: 0 };
      containers.set(id, { id, name, payload, state: 'created', ...times });
    },
    async createNetwork(labels, scope) {
      networks.set(scope.network, labels[LABELS.app] ?? '');
    },
    async createVolume(name, labels, scope) {
      const refusal = judgeVolume(volumePayload(name, labels, scope), scope);
      if (refusal) throw new Error(refusal.message);
      const folder = scope.folders?.get(name);
      if (folder !== undefined) bound.set(name, folder);
      volumes.set(name, labels[LABELS.app] ?? '');
      seen.volumes.add(name);
    },
    ...pool.asked,
    async start(idOrName) {
      if (pool.start(idOrName)) return;
      const container = find(idOrName);
      if (container.state === 'running') return;
      if (isHelper(container.payload)) return startHelper(container, container.payload);
      const { NetworkMode, Mounts } = container.payload.HostConfig;
      if (NetworkMode !== 'none' && !networks.has(NetworkMode))
        throw failure(404, `network ${NetworkMode} not found`);
      for (const mount of Mounts) {
        if (mount.Type === 'volume' && !volumes.has(mount.Source)) {
          seen.sins.push(`${mount.Source} was made by the engine itself, and is nobody's`);
        }
        const isOwned = 'VolumeOptions' in mount && mount.VolumeOptions?.NoCopy;
        if (isOwned && !owners.has(mount.Source)) {
          seen.sins.push(`${container.name} starts before ${mount.Source} has its owner`);
        }
        const folder = bound.get(mount.Source ?? '');
        if (folder !== undefined && !pool.folders.has(folder)) {
          throw failure(500, `failed to mount local volume: ${folder}: no such file or directory`);
        }
      }
      for (const other of running()) {
        const { payload } = other;
        const read = isHelper(payload)
          ? volumesAt(payload).map(({ name }) => `volume ${name}`)
          : [];
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
      for (const held of holds(container)) {
        const volume = held.replace(/^volume /, '');
        if (!data.has(volume)) data.set(volume, nameOf(container.payload.Image));
      }
      Object.assign(container, { state: 'running', startedAt: Date.now(), exitCode: 0 });
      tell(container);
    },
    async pause(idOrName) {
      const container = find(idOrName);
      if (container.state === 'running') container.state = 'paused';
    },
    async unpause(idOrName) {
      const container = find(idOrName);
      if (container.state === 'paused') container.state = 'running';
    },
    async stop(idOrName) {
      const container = all().find(({ id }) => id === idOrName);
      if (!container || !['running', 'restarting', 'paused'].includes(container.state)) return;
      notNeeded(container);
      Object.assign(container, { state: 'exited', exitCode: 143, finishedAt: Date.now() });
    },
    async remove(idOrName) {
      if (pool.remove(idOrName)) return;
      const container = all().find(({ id, name }) => id === idOrName || name === idOrName);
      if (!container) return;
      if (container.state === 'running') notNeeded(container);
      containers.delete(container.id);
    },
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
    async writePiece(helper, target, bytes) {
      const refusal = judgePiece(helper, target, bytes);
      if (refusal) throw new Error(refusal.message);
      const { id, state } = find(helper);
      if (state !== 'created') seen.sins.push(`${helper} has begun without ${target}`);
      pieces.set(id, { ...pieces.get(id), [target]: Buffer.from(bytes).toString() });
    },
    async readFolder(idOrName, path) {
      const own = Object.entries(pieces.get(find(idOrName).id) ?? {}).toSorted(([a], [b]) =>
        a.localeCompare(b),
      );
      return Readable.from(
        own.flatMap(([name, text]) => (name.startsWith(`${path}/`) ? Buffer.from(text) : [])),
      );
    },
    async exec({ id }, { command, input }) {
      const { Mounts } = find(id).payload.HostConfig;
      const mounts = Mounts.flatMap((mount) => (mount.Type === 'volume' ? [mount] : []));
      const all = mounts.map((mount) => [mount.Target, data.get(mount.Source)] as const);
      const told = command.includes('df -Pk /') ? DF : `${JSON.stringify(all)}\n${COMPLETE}\n`;
      const load = (text: string) => {
        if (!isWhole(text)) seen.sins.push(`half a dump was loaded into ${id}`);
        const all = new Map<string, string>(JSON.parse(text.split('\n')[0] ?? ''));
        for (const { Source, Target } of mounts) {
          if (loaded.has(Source)) seen.sins.push(`two dumps were loaded into ${Source}`);
          loaded.add(Source);
          data.set(Source, all.get(Target) ?? '');
        }
      };
      const stream = input ? takingAll(load) : Duplex.from([frame(told)]);
      return { stream, resize: async () => {}, exitCode: async () => 0 };
    },
    async removeNetwork(name) {
      if (running().some(({ payload }) => payload.HostConfig.NetworkMode === name)) {
        throw failure(403, `network ${name} has active endpoints`);
      }
      networks.delete(name);
    },
    async removeVolume(name) {
      if (all().some((each) => holds(each).includes(`volume ${name}`))) {
        throw failure(409, `volume ${name} is in use`);
      }
      volumes.delete(name);
      // What is in a folder stays there.
      if (!bound.has(name)) forget(name);
    },
    logs: async (id) => framed(output.get(id) ?? []),
    events: async () => nothing(),
    history: async () => nothing(),
    usage: async () => undefined,
  };

  return {
    engine,
    seen,
    data,
    owners,
    snapshots,
    /** Of volumes in pools. */
    folders: pool.folders,
    poolHelpers: pool.left,
    /** Names, by kind; containers with what they run. */
    left: () => ({
      containers: all().map(
        (each) => `${serviceOf(each)} ${nameOf(each.payload.Image)} ${each.state}`,
      ),
      networks: [...networks.keys()],
      volumes: [...volumes.keys()],
    }),
    soon: () => sleep(SOON_MS),
  };
}

export type MemoryEngine = ReturnType<typeof createMemoryEngine>;
