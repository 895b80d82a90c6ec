import { keepVolume } from '@cep/contracts/volumes';
import { CepCommand } from '../../../command.ts';
import { poolFlag, volumeArg } from '../../../storage/names.ts';

export default class StorageVolumeKeep extends CepCommand {
  static override summary = 'keep a volume that was to be deleted';
  static override description =
    'It waits for its app again, which finds it when it is deployed under the same name.';
  static override examples = ['<%= config.bin %> <%= command.id %> cep-redis-1f3a9c2b-data'];
  static override args = { volume: volumeArg };
  static override flags = { pool: poolFlag };

  async run() {
    const { args, flags } = await this.parse(StorageVolumeKeep);
    const volume = await this.call(keepVolume, { params: { ...args, pool: flags.pool } });
    this.log(`${volume.name} stays.`);
    return volume;
  }
}
