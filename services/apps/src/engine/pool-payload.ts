/** Builds the container that works in the folder of a pool. Pure; `policy/pool-helper.ts` judges it. */
import { type LoneHelper, lonePayload } from './lone-payload.ts';
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

export interface PoolHelper extends LoneHelper {
  readonly work: PoolWork;
}

export type PoolPayload = ReturnType<typeof poolPayload>;

const REMOVING = ['DAC_OVERRIDE', 'FOWNER'];

/** What each has to do with things of others. */
const CAPABILITIES: Readonly<Record<Script, readonly string[]>> = {
  ...{ look: [], space: [], take: [], make: [] },
  measure: ['DAC_OVERRIDE'],
  ...{ discard: REMOVING, empty: REMOVING, release: REMOVING },
};

/** @returns the body of `POST /containers/create` */
export const poolPayload = ({ work, ...helper }: PoolHelper) =>
  lonePayload('pool', helper, {
    script: SCRIPTS[work.do],
    words: argumentsOf(work, helper.instance),
    capabilities: CAPABILITIES[work.do],
    mounts: mountsOf(work),
  });

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
