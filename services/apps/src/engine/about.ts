/** What an engine is. */
import type Docker from 'dockerode';
import type { Limits } from '../reconciler/state.ts';
import type { Capacity } from './machine.ts';

export interface Description {
  /** The engine's own: another one after its data was removed. */
  readonly id: string;
  /** e.g. `29.1.3`. */
  readonly version: string;
  /** e.g. `1.52`. */
  readonly apiVersion: string;
  /** e.g. `linux/amd64`. */
  readonly platform: string;
  /** The folder in which it keeps images, on its machine. */
  readonly root: string;
  readonly capacity: Capacity;
  readonly abilities: Abilities;
}

/** What it can do that not each can. */
export interface Abilities {
  /** Probes a container's health faster while that starts. */
  readonly startInterval: boolean;
  /** Limits that its kernel does not know: it takes them, and leaves them out. */
  readonly unheld: readonly (keyof Limits)[];
}

/** Of one that was not asked. */
export const USUAL: Abilities = { startInterval: false, unheld: [] };

export interface About {
  ping(): Promise<void>;
  describe(): Promise<Description>;
  /** As it described them when it was last asked what it is. */
  abilities(): Promise<Abilities>;
}

/** From here on the engine knows `StartInterval` of a health check. */
const FAST_PROBES = '1.44';

export function aboutOf(docker: Docker): About {
  let known: Abilities | undefined;
  const describe = async (): Promise<Description> => {
    const [info, version] = await Promise.all([docker.info(), docker.version()]);
    const { Version, ApiVersion: apiVersion, Os, Arch } = version;
    const { ID: id, DockerRootDir: root, MemTotal: memoryBytes, NCPU: cpus } = info;
    const capacity = { memoryBytes, cpus };
    known = { startInterval: isAtLeast(apiVersion, FAST_PROBES), unheld: unheldBy(info) };
    const abilities = known;
    return {
      id,
      version: Version,
      apiVersion,
      platform: `${Os}/${Arch}`,
      root,
      capacity,
      abilities,
    };
  };
  return {
    async ping() {
      await docker.ping();
    },
    describe,
    abilities: async () => known ?? (await describe()).abilities,
  };
}

/** Of `GET /info`: kernels of small machines often lack what limits memory, and so do rootless engines. */
const CONTROLS = {
  MemoryLimit: ['memoryBytes', 'memoryReservationBytes'],
  CpuCfsQuota: ['cpuQuota'],
  CPUShares: ['cpuShares'],
  PidsLimit: ['pids'],
} as const satisfies Record<string, readonly (keyof Limits)[]>;

/** @returns the limits that an engine says it cannot hold; one that says nothing of them can */
export const unheldBy = (info: Readonly<Record<string, unknown>>): (keyof Limits)[] =>
  Object.entries(CONTROLS).flatMap(([control, limits]) => (info[control] === false ? limits : []));

/** Compares versions of the engine's interface, e.g. `1.9` and `1.44`. */
export function isAtLeast(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
