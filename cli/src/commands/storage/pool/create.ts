import { putPool } from '@cep/contracts/pools';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { poolArg } from '../../../storage/names.ts';

export default class StoragePoolCreate extends CepCommand {
  static override summary = 'make a folder of an engine’s machine a place for volumes';
  static override description =
    'For administrators. The folder is new or empty, and no one but root may change it or the way to it; cep marks it as its own, so that nothing is written in its place while its disk is away. Typed again it is the same pool, and is marked again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> fast --path /srv/fast',
    '<%= config.bin %> <%= command.id %> bulk --path /mnt/disk1/cep --on barn',
  ];
  static override args = { pool: poolArg };
  static override flags = {
    path: Flags.string({
      description: 'absolute path on the machine of the engine',
      helpValue: 'PATH',
      required: true,
    }),
    on: Flags.string({ description: 'engine, "local" if not told', helpValue: 'ENGINE' }),
  };

  async run() {
    const { args, flags } = await this.parse(StoragePoolCreate);
    const { path, on } = flags;
    const body = { path, ...(on !== undefined && { engine: on }) };
    const pool = await this.call(putPool, { params: args, body });
    this.log(`${pool.name} is ${pool.path} on the engine ${pool.engine}.`);
    this.log(`Next: cep apps deploy postgres --pool ${pool.name}`);
    return pool;
  }
}
