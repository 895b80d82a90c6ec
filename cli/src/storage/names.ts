import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

export const volumeArg = Args.string({
  description: 'name of the volume, see "cep storage volume list"',
  required: true,
});

export const poolFlag = Flags.string({
  description: 'pool that it is in',
  helpValue: 'NAME',
  default: 'default',
});
