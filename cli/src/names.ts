/** Arguments and flags that many commands share. */
import type { RecordType } from '@cep/contracts/records';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

export const networkArg = Args.string({ description: 'name of the network', required: true });
export const hostArg = Args.string({ description: 'name of the host', required: true });
export const appArg = Args.string({ description: 'name of the app', required: true });

export const recordArg = Args.string({
  description: 'below the network: printer, "*.wiki"; @ is the network itself',
  required: true,
});
export const recordTypes: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'TXT'];

/** For what cannot be undone. */
export const yesFlag = Flags.boolean({ description: 'do not ask', default: false });
