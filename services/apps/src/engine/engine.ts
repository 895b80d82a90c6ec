/**
 * All that cep asks of the Docker Engine, and the only module that asks. Everything that creates
 * passes the policy here, on its final payload. That a thing is already there, or already gone, is
 * success.
 */
import Docker from 'dockerode';
import type { File } from '../compose/model.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import { archiveOf } from './archive.ts';
import { refused, statusOf } from './failures.ts';
import { LABELS } from './labels.ts';
import { toObserved } from './observed.ts';
import { type ContainerPayload, networkPayload } from './payload.ts';
import {
  judgeContainer,
  judgeFiles,
  judgeNetwork,
  judgeVolume,
  type Refusal,
  type Scope,
} from './policy.ts';
import { jsonLines, type PullProgress, pull } from './pull.ts';

type Labels = Readonly<Record<string, string>>;

/** Something that happened to a container of ours. */
export interface EngineEvent {
  readonly appId: string;
  readonly action: string;
}

interface LogOptions {
  readonly follow: boolean;
  /** How many of the last lines. */
  readonly tail: number;
  readonly signal?: AbortSignal;
}

/** A volume of ours, used or not. */
export interface EngineVolume {
  readonly name: string;
  readonly appId: string;
  readonly app: string;
  /** The template's name for it. */
  readonly volume: string;
  /** Where it lies on the engine's machine. */
  readonly path: string;
  readonly createdAt: Date | null;
}

export interface Engine {
  /** Whether it can probe a container's health faster while that starts. */
  probesFast(): Promise<boolean>;
  ping(): Promise<void>;
  hasImage(image: string): Promise<boolean>;
  /** @throws what the registry says, after a few attempts where that may help */
  pull(image: string, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<void>;
  /** Those of an app. */
  containers(appId: string): Promise<ObservedContainer[]>;
  networks(appId: string): Promise<string[]>;
  volumes(appId: string): Promise<string[]>;
  volumesOf(projectId: string): Promise<EngineVolume[]>;
  /** Bytes on the disk by volume, of all of the engine's. It measures each: seconds for many files. */
  volumeSizes(): Promise<ReadonlyMap<string, number>>;
  /** Where the engine keeps volumes. */
  volumeFolder(): Promise<string>;
  /** Ids of the apps that have containers or networks here. */
  apps(): Promise<string[]>;
  createContainer(name: string, payload: ContainerPayload, scope: Scope): Promise<void>;
  createNetwork(labels: Labels, scope: Scope): Promise<void>;
  createVolume(name: string, labels: Labels, scope: Scope): Promise<void>;
  /** Into a container that does not run; again is the same. */
  writeFiles(container: string, files: readonly File[]): Promise<void>;
  start(container: string): Promise<void>;
  /** Stops it as its template says, then removes it; with the volumes that have no name, if asked. */
  remove(id: string, options: { readonly volumes: boolean }): Promise<void>;
  removeNetwork(name: string): Promise<void>;
  removeVolume(name: string): Promise<void>;
  /** Multiplexed, each line with its time. */
  logs(id: string, options: LogOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Those from now on; ends, or throws, when the engine goes away. */
  events(signal: AbortSignal): Promise<AsyncIterable<EngineEvent>>;
}

/** From here on the engine knows `StartInterval` of a health check. */
const FAST_PROBES = [1, 44] as const;

/**
 * @param host      `unix:///path` or `tcp://host:port`
 * @param instance  this installation; things that do not carry its id are never seen nor touched
 */
export function createEngine(host: string, instance: string): Engine {
  const docker = new Docker(toOptions(host));
  const ours = `${LABELS.instance}=${instance}`;
  const of = (appId: string) => ({ label: [ours, `${LABELS.app}=${appId}`] });
  let fast: boolean | undefined;

  return {
    async probesFast() {
      fast ??= atLeast((await docker.version()).ApiVersion);
      return fast;
    },
    async ping() {
      await docker.ping();
    },
    hasImage: (image) => present(docker.getImage(image).inspect()),
    pull: (image, onProgress, signal) => pull(docker, { image, onProgress, signal }),
    async containers(appId) {
      const list = await docker.listContainers({ all: true, filters: of(appId) });
      const details = await Promise.all(
        list.map(({ Id }) => found(docker.getContainer(Id).inspect())),
      );
      return details.flatMap((detail) => (detail ? toObserved(detail) : []));
    },
    async networks(appId) {
      return (await docker.listNetworks({ filters: of(appId) })).map(({ Name }) => Name);
    },
    async volumes(appId) {
      return (await docker.listVolumes({ filters: of(appId) })).Volumes.map(({ Name }) => Name);
    },
    async volumesOf(projectId) {
      const filters = { label: [ours, `${LABELS.project}=${projectId}`] };
      return (await docker.listVolumes({ filters })).Volumes.map(toVolume);
    },
    async volumeSizes() {
      const { Volumes } = await diskUse(docker);
      return new Map(
        (Volumes ?? []).flatMap(({ Name, UsageData }) =>
          UsageData && UsageData.Size >= 0 ? [[Name, UsageData.Size]] : [],
        ),
      );
    },
    async volumeFolder() {
      return `${((await docker.info()) as { DockerRootDir: string }).DockerRootDir}/volumes`;
    },
    apps: () => listApps(docker, ours),
    async createContainer(name, payload, scope) {
      enforce(judgeContainer(payload, scope));
      // Without `_query` the whole payload, secrets included, would stand in the path.
      const request = {
        _query: { name },
        _body: payload,
      } as unknown as Docker.ContainerCreateOptions;
      await docker.createContainer(request).catch(unlessOurs(docker, name, scope));
    },
    async createNetwork(labels, scope) {
      const payload = networkPayload(labels, scope);
      enforce(judgeNetwork(payload, scope));
      await docker.createNetwork({ ...payload, CheckDuplicate: true }).catch(unless(409));
    },
    async createVolume(name, labels, scope) {
      const payload = { Name: name, Driver: 'local', Labels: { ...labels } };
      enforce(judgeVolume(payload, scope));
      await docker.createVolume(payload);
    },
    async writeFiles(container, files) {
      if (files.length === 0) return;
      enforce(judgeFiles(files));
      await docker.getContainer(container).putArchive(await archiveOf(files), { path: '/' });
    },
    start: (container) => docker.getContainer(container).start().catch(unless(304)),
    async remove(id, { volumes }) {
      await docker.getContainer(id).stop().catch(unless(304, 404));
      await docker.getContainer(id).remove({ force: true, v: volumes }).catch(unless(404, 409));
    },
    removeNetwork: (name) => docker.getNetwork(name).remove().catch(unless(404)),
    removeVolume: (name) => docker.getVolume(name).remove().catch(unless(404)),
    async logs(id, { follow, tail, signal }) {
      const options = { stdout: true, stderr: true, timestamps: true, tail };
      const container = docker.getContainer(id);
      const isTerminal = (await container.inspect()).Config.Tty;
      const abort = signal && { abortSignal: signal };
      const chunks: unknown = follow
        ? await container.logs({ ...options, ...abort, follow: true })
        : [await container.logs({ ...options, ...abort, follow: false })];
      return isTerminal ? framed(chunks as Chunks) : (chunks as AsyncIterable<Uint8Array>);
    },
    async events(signal) {
      const filters = { type: ['container'], label: [ours] };
      const options = { filters: JSON.stringify(filters), abortSignal: signal };
      return toEvents(await docker.getEvents(options));
    },
  };
}

export function toOptions(host: string): Docker.DockerOptions {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  return { protocol: 'http', host: url.hostname, port: url.port || '2375' };
}

function atLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > FAST_PROBES[0] || (major === FAST_PROBES[0] && minor >= FAST_PROBES[1]);
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** What a terminal prints is not multiplexed: it is all put on standard output. */
async function* framed(chunks: Chunks): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const header = Buffer.alloc(8);
    header.writeUInt8(1, 0);
    header.writeUInt32BE(chunk.length, 4);
    yield Buffer.concat([header, chunk]);
  }
}

function enforce(refusal: Refusal | undefined): void {
  if (refusal) throw refused(refusal);
}

async function found<T>(request: Promise<T>): Promise<T | undefined> {
  return request.catch((error: unknown) => {
    if (statusOf(error) === 404) return undefined;
    throw error;
  });
}

const present = async (request: Promise<unknown>): Promise<boolean> =>
  (await found(request)) !== undefined;

/** Ignores statuses with which the engine says that the work is already done. */
const unless =
  (...done: number[]) =>
  (error: unknown): void => {
    if (!done.includes(statusOf(error) ?? 0)) throw error;
  };

/** A name that is taken by a container of the same app is a state to look at again, not an error. */
const unlessOurs = (docker: Docker, name: string, scope: Scope) => async (error: unknown) => {
  if (statusOf(error) !== 409) throw error;
  const detail = await found(docker.getContainer(name).inspect());
  if (!detail || detail.Config.Labels[LABELS.app] === scope.appId) return;
  throw new Error(`A container named ${name} that is not cep's is in the way.`, { cause: error });
};

interface RawVolume {
  readonly Name: string;
  /** -1 where the engine does not know. */
  readonly UsageData?: { readonly Size: number } | null;
}

/** `docker.df` would measure images and containers as well. */
const diskUse = (docker: Docker) =>
  new Promise<{ readonly Volumes: readonly RawVolume[] | null }>((resolve, reject) => {
    const request = { path: '/system/df?', method: 'GET', options: { type: 'volume' } };
    docker.modem.dial({ ...request, statusCodes: { 200: true } }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer as { Volumes: RawVolume[] | null });
    });
  });

const toVolume = ({
  Name: name,
  Mountpoint: path,
  Labels: labels,
  ...more
}: Docker.VolumeInspectInfo): EngineVolume => {
  const createdAt = 'CreatedAt' in more ? new Date(String(more.CreatedAt)) : null;
  return {
    name,
    path,
    createdAt,
    appId: labels[LABELS.app] ?? '',
    app: labels[LABELS.appName] ?? '',
    volume: labels[LABELS.volume] ?? '',
  };
};

async function listApps(docker: Docker, ours: string): Promise<string[]> {
  const filters = { label: [ours] };
  const [containers, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
  ]);
  const labels = [...containers, ...networks].map((thing) => thing.Labels?.[LABELS.app]);
  return [...new Set(labels.filter((label) => label !== undefined))];
}

interface RawEvent {
  readonly Action: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

async function* toEvents(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<EngineEvent> {
  for await (const { Action, Actor } of jsonLines<RawEvent>(stream)) {
    const appId = Actor.Attributes[LABELS.app];
    if (appId) yield { appId, action: Action };
  }
}
