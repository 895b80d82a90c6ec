import { getPool } from '@cep/contracts/pools';
import { CepCommand } from '../../../command.ts';
import { describePool, size } from '../../../storage/describe.ts';
import { poolArg } from '../../../storage/names.ts';
import { table } from '../../../table.ts';

export default class StoragePoolShow extends CepCommand {
  static override summary = 'show one pool, what is free on its disk, and your volumes in it';
  static override description =
    'Sizes are measured now, on the machine of the engine: with many files that takes time.';
  static override examples = ['<%= config.bin %> <%= command.id %> fast'];
  static override args = { pool: poolArg };

  async run() {
    const { args } = await this.parse(StoragePoolShow);
    const pool = await this.call(getPool, { params: args });
    this.log(describePool(pool));
    this.log(
      table(
        pool.volumes,
        {
          VOLUME: ({ name }) => name,
          APP: ({ app }) => app,
          SIZE: ({ sizeBytes }) => size(sizeBytes),
        },
        'You have no volumes in it.',
      ),
    );
    return pool;
  }
}
