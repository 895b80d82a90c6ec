import * as Args from '@oclif/core/args';

export const engineArg = Args.string({
  description: 'name of the engine, see "cep engine list"',
  required: true,
});
