import { deletePool } from '@cep/contracts/pools';
import { CepCommand } from '../../../command.ts';
import { poolArg } from '../../../storage/names.ts';

export default class StoragePoolDelete extends CepCommand {
  static override summary = 'delete a pool that has no volumes; its folder stays, empty';
  static override description =
    'For administrators. While there are volumes in it, of whomever, it is refused and says which.';
  static override examples = ['<%= config.bin %> <%= command.id %> fast'];
  static override args = { pool: poolArg };

  async run() {
    const { args } = await this.parse(StoragePoolDelete);
    await this.call(deletePool, { params: args });
    this.log(`Deleted ${args.pool}.`);
    return args;
  }
}
