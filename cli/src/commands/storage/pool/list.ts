import { listPools } from '@cep/contracts/volumes';
import { CepCommand } from '../../../command.ts';
import { table } from '../../../table.ts';

export default class StoragePoolList extends CepCommand {
  static override summary = 'list where volumes are kept';
  static override description = 'Each pool is a folder on the machine that runs the apps.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const reply = await this.call(listPools, {});
    this.log(
      table(reply.pools, {
        NAME: ({ name }) => name,
        DRIVER: ({ driver }) => driver,
        PATH: ({ path }) => path ?? '-',
      }),
    );
    return reply;
  }
}
