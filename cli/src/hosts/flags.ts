/** Flags that say what a host is and how others reach it. */
import * as Flags from '@oclif/core/flags';

export const roleFlags = {
  'am-lighthouse': Flags.boolean({
    description: 'others ask it where hosts are; it needs a public address',
    allowNo: true,
  }),
  'am-relay': Flags.boolean({
    description: 'others reach each other through it where they cannot directly',
    allowNo: true,
  }),
  interface: Flags.boolean({
    description: 'a lighthouse or relay without one runs without root, and is nothing else',
    allowNo: true,
  }),
  'public-ip': Flags.string({
    description: 'address at which other hosts reach a lighthouse or relay',
    helpValue: 'IP',
  }),
};

interface RoleFlags {
  readonly 'am-lighthouse'?: boolean;
  readonly 'am-relay'?: boolean;
  readonly interface?: boolean;
  readonly 'public-ip'?: string | undefined;
}

/** What of {@link roleFlags} was given, as the contracts name it. */
export function roleOf(flags: RoleFlags) {
  const { 'am-lighthouse': lighthouse, 'am-relay': relay, 'public-ip': publicAddress } = flags;
  return {
    ...(lighthouse !== undefined && { lighthouse }),
    ...(relay !== undefined && { relay }),
    ...(flags.interface !== undefined && { interface: flags.interface }),
    ...(publicAddress !== undefined && { publicAddress }),
  };
}
