import { listPools } from '@cep/contracts/pools';
import { CepCommand } from '../../../command.ts';
import { table } from '../../../table.ts';

export default class StoragePoolList extends CepCommand {
  static override summary = 'list where volumes are kept';
  static override description =
    'Each engine has one by itself: "default" is that of the local engine, the others have the name of theirs. More are made by "cep storage pool create".';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const reply = await this.call(listPools, {});
    this.log(
      table(reply.pools, {
        NAME: ({ name }) => name,
        ENGINE: ({ engine }) => engine,
        DRIVER: ({ driver }) => driver,
        PATH: ({ path }) => path ?? '-',
        STATE: ({ state }) => state,
      }),
    );
    return reply;
  }
}
