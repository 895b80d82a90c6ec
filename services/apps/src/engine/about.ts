/** What an engine is. */
import type Docker from 'dockerode';
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
}

export interface About {
  ping(): Promise<void>;
  describe(): Promise<Description>;
  /** Whether it can probe a container's health faster while that starts. */
  probesFast(): Promise<boolean>;
}

/** From here on the engine knows `StartInterval` of a health check. */
const FAST_PROBES = '1.44';

export function aboutOf(docker: Docker): About {
  let fast: boolean | undefined;
  return {
    async ping() {
      await docker.ping();
    },
    async describe() {
      const [info, version] = await Promise.all([docker.info(), docker.version()]);
      const { Version, ApiVersion: apiVersion, Os, Arch } = version;
      const { ID: id, DockerRootDir: root, MemTotal: memoryBytes, NCPU: cpus } = info;
      const capacity = { memoryBytes, cpus };
      return { id, version: Version, apiVersion, platform: `${Os}/${Arch}`, root, capacity };
    },
    async probesFast() {
      fast ??= isAtLeast((await docker.version()).ApiVersion, FAST_PROBES);
      return fast;
    },
  };
}

/** Compares versions of the engine's interface, e.g. `1.9` and `1.44`. */
export function isAtLeast(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
