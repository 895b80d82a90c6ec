/** Arguments and flags that many commands share. */
import type { RecordType } from '@cep/contracts/records';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

export const networkArg = Args.string({ description: 'name of the network', required: true });
export const hostArg = Args.string({ description: 'name of the host', required: true });
export const appArg = Args.string({ description: 'name of the app', required: true });

export const templateArg = Args.string({
  description: 'name of the app in the store',
  required: true,
});

export const storeFlag = Flags.string({
  description: 'store that has it',
  helpValue: 'NAME',
  default: 'cep',
});
export const ownStoreFlag = Flags.string({
  description: 'store that was added without a location',
  helpValue: 'NAME',
  required: true,
});

/** Who is let in besides administrators. */
export const shareFlags = {
  project: Flags.string({
    description: 'project whose members may; may be repeated',
    helpValue: 'PROJECT',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['everyone', 'nobody'],
  }),
  everyone: Flags.boolean({ description: 'every project may', exclusive: ['nobody'] }),
  nobody: Flags.boolean({ description: 'nobody but administrators' }),
};

export const recordArg = Args.string({
  description: 'below the network: printer, "*.wiki"; @ is the network itself',
  required: true,
});
export const recordTypes: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'TXT'];

/** For what cannot be undone. */
export const yesFlag = Flags.boolean({ description: 'do not ask', default: false });

export const waitFlag = Flags.boolean({
  description: 'wait until it is done',
  default: true,
  allowNo: true,
});

export const setFlag = Flags.string({
  description: 'parameter, see "cep apps store show"; @FILE is what the file has; may be repeated',
  helpValue: 'NAME=VALUE',
  multiple: true,
  multipleNonGreedy: true,
  default: [],
});

export const dryRunFlag = Flags.boolean({
  description: 'show what would be done, and do nothing',
  default: false,
});

export const sinceFlag = Flags.string({
  description: 'only what is newer, e.g. 10m, 2h or 2026-01-31T12:00',
  helpValue: 'TIME',
});
