/** Builds the container that works on backups: restic, with what it is to read or write. Pure. */
import { appLabels, LABELS, type Owner } from './labels.ts';
import type { AppIdentity } from './names.ts';
import { CPU_PERIOD } from './policy/limits.ts';

/** Where volumes are in the container, and so in backups; below it each by the template's name. */
export const VOLUMES = '/data/volumes';
/** Where dumps are, likewise by service, each cut into numbered pieces. */
export const DUMPS = '/data/dumps';
/** Where a folder of the machine is that repositories lie in. */
export const REPOSITORIES = '/repositories';

const LIMITS = { memoryBytes: 2 * 2 ** 30, pids: 512, cpus: 2 };

export interface Helper {
  readonly app: AppIdentity;
  readonly owner: Owner;
  readonly image: string;
  /** restic's arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The folder of the machine that repositories are in; none: they are reached over the network. */
  readonly folder: string | undefined;
  readonly volumes: readonly HelperVolume[];
}

interface HelperVolume {
  /** In the engine. */
  readonly name: string;
  /** The template's name for it. */
  readonly volume: string;
  readonly readOnly: boolean;
}

export type HelperPayload = ReturnType<typeof helperPayload>;

/** To read what belongs to others; and, to restore, to give it back to them. */
const READING = ['DAC_OVERRIDE'];
const WRITING = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID'];

/** A folder that is not there is none, and not made: its disk may not be mounted. */
export const repositoriesMount = (folder: string) => ({
  Type: 'bind' as const,
  Source: folder,
  Target: REPOSITORIES,
  ReadOnly: false,
  BindOptions: { Propagation: 'rprivate' as const, CreateMountpoint: false },
});

/** @returns the body of `POST /containers/create` */
export function helperPayload({ app, owner, image, command, ...more }: Helper) {
  const { environment, folder, volumes } = more;
  const labels: Record<string, string> = { ...appLabels(app, owner), [LABELS.helper]: 'backup' };
  const writes = volumes.some(({ readOnly }) => !readOnly);
  return {
    Image: image,
    Entrypoint: ['restic'],
    Cmd: [...command],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    User: '0:0',
    Labels: labels,
    HostConfig: {
      NetworkMode: folder === undefined ? 'bridge' : 'none',
      Mounts: [
        ...volumes.map(({ name, volume, readOnly }) => ({
          Type: 'volume' as const,
          Source: name,
          Target: `${VOLUMES}/${volume}`,
          ReadOnly: readOnly,
          VolumeOptions: { NoCopy: true },
        })),
        ...(folder === undefined ? [] : [repositoriesMount(folder)]),
      ],
      RestartPolicy: { Name: 'no' },
      CapDrop: ['ALL'],
      CapAdd: writes ? WRITING : READING,
      SecurityOpt: ['no-new-privileges:true'],
      PidsLimit: LIMITS.pids,
      Memory: LIMITS.memoryBytes,
      MemorySwap: LIMITS.memoryBytes,
      CpuPeriod: CPU_PERIOD,
      CpuQuota: LIMITS.cpus * CPU_PERIOD,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  };
}
