/**
 * All that cep asks of the Docker Engine, and the only module that asks. Everything that creates
 * passes the policy here, on its final payload. That a thing is already there, or already gone, is
 * success.
 */
import Docker from 'dockerode';
import type { File } from '../compose/model.ts';
import type { ObservedContainer } from '../reconciler/state.ts';
import { archiveOf } from './archive.ts';
import { type EngineEvent, toEvents } from './events.ts';
import { type Execution, runExec, startExec, type Target } from './exec.ts';
import { refused, statusOf } from './failures.ts';
import type { HelperPayload } from './helper-payload.ts';
import { createInspected } from './inspected.ts';
import { LABELS } from './labels.ts';
import { toObserved } from './observed.ts';
import { type ContainerPayload, networkPayload } from './payload.ts';
import { type HelperScope, judgeHelper } from './policy/helper.ts';
import {
  judgeContainer,
  judgeFiles,
  judgeNetwork,
  judgeVolume,
  type Refusal,
  type Scope,
} from './policy.ts';
import { type PullProgress, pull } from './pull.ts';
import { readUsage, type Usage } from './usage.ts';

type Labels = Readonly<Record<string, string>>;

interface History {
  readonly projectId: string;
  readonly since: Date;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

interface LogOptions {
  readonly follow: boolean;
  /** RFC 3339, up to nanoseconds. */
  readonly since?: string | undefined;
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
  /** Which restore has made it; empty: the app itself. */
  readonly set: string;
  /** Where it lies on the engine's machine. */
  readonly path: string;
  readonly createdAt: Date | null;
}

/** A container, and the app that it has to be of. */
type Inside = Omit<Target, 'instance'>;

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
  /** A container of cep's own that works on backups. */
  createHelper(name: string, payload: HelperPayload, scope: HelperScope): Promise<void>;
  createNetwork(labels: Labels, scope: Scope): Promise<void>;
  createVolume(name: string, labels: Labels, scope: Scope): Promise<void>;
  /** Into a container that does not run; again is the same. */
  writeFiles(container: string, files: readonly File[]): Promise<void>;
  start(container: string): Promise<void>;
  /** As its template says: its signal, and so many seconds. */
  stop(id: string): Promise<void>;
  /** What it does rests until {@link unpause}; nothing of it is lost. */
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** Stops it as its template says, then removes it; with the volumes that have no name, if asked. */
  remove(id: string, options: { readonly volumes: boolean }): Promise<void>;
  /** Runs a program in a container. @returns its exit code; `signal` gives it up */
  run(inside: Inside, command: readonly string[], signal: AbortSignal): Promise<number>;
  exec(inside: Inside, program: Parameters<typeof startExec>[2]): Promise<Execution>;
  removeNetwork(name: string): Promise<void>;
  removeVolume(name: string): Promise<void>;
  /** Multiplexed, each line with its time. */
  logs(id: string, options: LogOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Those from now on; ends, or throws, when the engine goes away. */
  events(signal: AbortSignal): Promise<AsyncIterable<EngineEvent>>;
  /** Those of one project since then, as far as the engine remembers; and when following, the next. */
  history(range: History): Promise<AsyncIterable<EngineEvent>>;
  /** Of a container that runs. */
  usage(id: string): Promise<Usage | undefined>;
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
  const inspected = createInspected((id) => found(docker.getContainer(id).inspect()));
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
      const details = await Promise.all(list.map((each) => inspected.of(each)));
      return details.flatMap((detail, n) =>
        detail ? toObserved(detail, Object.keys(list[n]?.NetworkSettings.Networks ?? {})) : [],
      );
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
    async createHelper(name, payload, scope) {
      enforce(judgeHelper(payload, scope));
      const request = { _query: { name }, _body: payload };
      await docker
        .createContainer(request as unknown as Docker.ContainerCreateOptions)
        .catch(unlessOurs(docker, name, scope));
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
    stop: (id) => docker.getContainer(id).stop().catch(unless(304, 404)),
    pause: (id) => docker.getContainer(id).pause().catch(unless(404, 409)),
    unpause: (id) =>
      docker
        .getContainer(id)
        .unpause()
        .catch(unless(404, 409, 500)),
    async remove(id, { volumes }) {
      await docker.getContainer(id).stop().catch(unless(304, 404));
      await docker.getContainer(id).remove({ force: true, v: volumes }).catch(unless(404, 409));
    },
    run: (inside, command, signal) => runExec(docker, { instance, ...inside }, { command, signal }),
    exec: (inside, program) => startExec(docker, { instance, ...inside }, program),
    removeNetwork: (name) => docker.getNetwork(name).remove().catch(unless(404)),
    removeVolume: (name) => docker.getVolume(name).remove().catch(unless(404)),
    async logs(id, options) {
      const isTerminal = (await docker.getContainer(id).inspect()).Config.Tty;
      const chunks = await readLogs(docker, id, options);
      return isTerminal ? framed(chunks) : chunks;
    },
    async history({ projectId, since, follow, signal }) {
      const filters = { type: ['container'], label: [ours, `${LABELS.project}=${projectId}`] };
      const until = follow ? {} : { until: seconds(new Date()) };
      const range = { since: seconds(since), ...until, abortSignal: signal };
      return toEvents(await docker.getEvents({ filters: JSON.stringify(filters), ...range }));
    },
    usage: (id) => found(readUsage(docker, id)),
    async events(signal) {
      const filters = { type: ['container'], label: [ours] };
      const options = { filters: JSON.stringify(filters), abortSignal: signal };
      return inspected.following(toEvents(await docker.getEvents(options)));
    },
  };
}

export function toOptions(host: string): Docker.DockerOptions {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  return { protocol: 'http', host: url.hostname, port: url.port || '2375' };
}

/** The engine takes parts of them too. */
const seconds = (time: Date): number => time.getTime() / 1000;

/** Always as a stream: however long the lines are, they are never all in memory. */
async function readLogs(docker: Docker, id: string, options: LogOptions) {
  const { follow, tail, since, signal } = options;
  const wanted = { follow, tail, since: since && unixTime(since), timestamps: true };
  return new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: { ...wanted, stdout: true, stderr: true },
        ...(signal && { abortSignal: signal }),
      },
      (error, stream) => (error ? reject(error) : resolve(stream as AsyncIterable<Uint8Array>)),
    );
  });
}

/** `2026-01-02T03:04:05.000000006Z` as the engine takes it: seconds, and nine digits of their parts. */
function unixTime(at: string): string {
  const digits = /\.(\d+)/.exec(at)?.[1] ?? '';
  return `${Math.floor(Date.parse(at) / 1000)}.${digits.padEnd(9, '0')}`;
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
const unlessOurs =
  (docker: Docker, name: string, scope: Pick<Scope, 'appId'>) => async (error: unknown) => {
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
    set: labels[LABELS.volumeSet] ?? '',
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
