/** Arguments and flags that many commands share. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

export const networkArg = Args.string({ description: 'name of the network', required: true });
export const hostArg = Args.string({ description: 'name of the host', required: true });
export const appArg = Args.string({ description: 'name of the app', required: true });

/** For what cannot be undone. */
export const yesFlag = Flags.boolean({ description: 'do not ask', default: false });
