import { getVolume } from '@cep/contracts/volumes';
import { CepCommand } from '../../../command.ts';
import { describeVolume } from '../../../storage/describe.ts';
import { poolFlag, volumeArg } from '../../../storage/names.ts';

export default class StorageVolumeShow extends CepCommand {
  static override summary = 'show one volume, its size and where it lies';
  static override description = 'The path is one of the machine that runs the apps.';
  static override examples = ['<%= config.bin %> <%= command.id %> cep-redis-1f3a9c2b-data'];
  static override args = { volume: volumeArg };
  static override flags = { pool: poolFlag };

  async run() {
    const { args, flags } = await this.parse(StorageVolumeShow);
    const volume = await this.call(getVolume, { params: { ...args, pool: flags.pool } });
    this.log(describeVolume(volume));
    return volume;
  }
}
