/** Volumes of one engine. */
import type Docker from 'dockerode';
import { enforce, unless } from './answers.ts';
import { LABELS } from './labels.ts';
import type { Ours } from './ours.ts';
import { volumePayload } from './payload.ts';
import { judgeVolume, type Scope } from './policy.ts';

/** A volume of ours, used or not. */
export interface EngineVolume {
  readonly name: string;
  readonly projectId: string;
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

export interface Volumes {
  /** Those of an app, by name. */
  volumes(appId: string): Promise<string[]>;
  /** @param projectId  of every project when left out */
  volumesOf(projectId?: string): Promise<EngineVolume[]>;
  /** Bytes on the disk by volume, of all of the engine's. It measures each: seconds for many files. */
  volumeSizes(): Promise<ReadonlyMap<string, number>>;
  /** Where the engine keeps volumes. */
  volumeFolder(): Promise<string>;
  createVolume(name: string, labels: Readonly<Record<string, string>>, scope: Scope): Promise<void>;
  removeVolume(name: string): Promise<void>;
}

export const volumesOf = (docker: Docker, ours: Ours): Volumes => ({
  async volumes(appId) {
    return (await docker.listVolumes({ filters: ours.app(appId) })).Volumes.map(({ Name }) => Name);
  },
  async volumesOf(projectId) {
    const filters = projectId === undefined ? ours.all : ours.project(projectId);
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
  async createVolume(name, labels, scope) {
    const payload = volumePayload(name, labels, scope);
    enforce(judgeVolume(payload, scope));
    await docker.createVolume(payload);
    const device = scope.folders?.get(name);
    if (device === undefined) return;
    // The engine takes one that is there for the one that was asked for, wherever it lies.
    const made = toVolume(await docker.getVolume(name).inspect());
    if (made.path !== device) throw new Error(`The volume ${name} lies elsewhere: ${made.path}`);
  },
  removeVolume: (name) => docker.getVolume(name).remove().catch(unless(404)),
});

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
  Mountpoint: mountpoint,
  Labels: labels,
  Options: options,
  ...more
}: Docker.VolumeInspectInfo): EngineVolume => {
  const createdAt = 'CreatedAt' in more ? new Date(String(more.CreatedAt)) : null;
  return {
    name,
    path: options?.device ?? mountpoint,
    createdAt,
    projectId: labels[LABELS.project] ?? '',
    appId: labels[LABELS.app] ?? '',
    app: labels[LABELS.appName] ?? '',
    volume: labels[LABELS.volume] ?? '',
    set: labels[LABELS.volumeSet] ?? '',
  };
};
