/** Builds the container that works in the folder of a pool. Pure; `policy/pool-helper.ts` judges it. */
import { LABELS } from './labels.ts';
import { CPU_PERIOD } from './policy/limits.ts';
import { MACHINE, POOL, SCRIPTS, type Script } from './pool-scripts.ts';

/** What is to be done, and with what. */
export type PoolWork =
  | { readonly do: 'look'; readonly paths: readonly string[] }
  | { readonly do: 'take' | 'empty' | 'release' | 'measure'; readonly path: string }
  | { readonly do: 'make'; readonly path: string; readonly volume: string }
  | {
      readonly do: 'discard';
      readonly path: string;
      readonly volume: string;
      /** A name that nothing was put aside under. */
      readonly as: string;
    }
  | { readonly do: 'space' };

export interface PoolHelper {
  readonly instance: string;
  readonly image: string;
  readonly work: PoolWork;
}

export type PoolPayload = ReturnType<typeof poolPayload>;

/** The label that tells helpers of pools from those that work on backups. */
export const POOL_HELPER = 'pool';

const LIMITS = { memoryBytes: 2 ** 28, pids: 64, cpus: 1 };

const REMOVING = ['DAC_OVERRIDE', 'FOWNER'];

/** What each has to do with things of others. */
const CAPABILITIES: Readonly<Record<Script, readonly string[]>> = {
  ...{ look: [], space: [], take: [], make: [] },
  measure: ['DAC_OVERRIDE'],
  ...{ discard: REMOVING, empty: REMOVING, release: REMOVING },
};

/** @returns the body of `POST /containers/create` */
export function poolPayload({ instance, image, work }: PoolHelper) {
  const labels: Record<string, string> = {
    [LABELS.instance]: instance,
    [LABELS.helper]: POOL_HELPER,
  };
  return {
    Image: image,
    Entrypoint: ['/bin/sh', '-c', SCRIPTS[work.do], 'cep'],
    Cmd: argumentsOf(work, instance),
    User: '0:0',
    Labels: labels,
    HostConfig: {
      NetworkMode: 'none',
      Mounts: mountsOf(work),
      RestartPolicy: { Name: 'no' },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: [...CAPABILITIES[work.do]],
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

function argumentsOf(work: PoolWork, instance: string): string[] {
  switch (work.do) {
    case 'look':
      return [...work.paths];
    case 'space':
      return [];
    case 'make':
      return [instance, work.volume];
    case 'discard':
      return [instance, work.volume, work.as];
    case 'take':
    case 'empty':
    case 'release':
    case 'measure':
      return [instance];
  }
}

function mountsOf(work: PoolWork) {
  if (work.do === 'space') return [];
  const isLook = work.do === 'look';
  return [
    {
      Type: 'bind' as const,
      Source: isLook ? '/' : work.path,
      Target: isLook ? MACHINE : POOL,
      ReadOnly: isLook || work.do === 'measure',
      BindOptions: {
        // Where its own folder is within, Docker itself chooses one that does not hold its mounts.
        ...(!isLook && { Propagation: 'rprivate' as const }),
        // Only a folder that is made a pool may be new; that of one whose disk is away is not made.
        CreateMountpoint: work.do === 'take',
      },
    },
  ];
}
