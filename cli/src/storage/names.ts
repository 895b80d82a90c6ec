import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

export const volumeArg = Args.string({
  description: 'name of the volume, see "cep storage volume list"',
  required: true,
});

export const poolArg = Args.string({
  description: 'name of the pool, see "cep storage pool list"',
  required: true,
});

export const poolFlag = Flags.string({
  description: 'pool that it is in',
  helpValue: 'NAME',
  default: 'default',
});

/** For what makes volumes. */
export const poolsFlag = Flags.string({
  description: 'pool for its new volumes, or for one by VOLUME=POOL; may be repeated',
  helpValue: 'POOL',
  multiple: true,
  multipleNonGreedy: true,
  default: [],
});
