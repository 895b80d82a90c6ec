import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

export const backupArg = Args.string({
  description: 'id of the backup, see "cep backup list"',
  required: true,
});

export const targetArg = Args.string({ description: 'name of the target', required: true });

export const targetFlag = Flags.string({
  description: 'target, if not the default one',
  helpValue: 'NAME',
});

export const triedOnFlag = Flags.string({
  description: 'engine from whose machine it is tried, "local" if not told',
  helpValue: 'ENGINE',
});

export const volumesFlag = Flags.string({
  description: 'only this volume, by the template’s name; may be repeated',
  helpValue: 'NAME',
  multiple: true,
  multipleNonGreedy: true,
});

/** @returns what a request says of them: nothing when there are none */
export const volumesIn = (names: string[] | undefined): { volumes?: string[] } =>
  names ? { volumes: names } : {};
