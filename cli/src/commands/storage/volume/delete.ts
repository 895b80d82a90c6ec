import { deleteVolume } from '@cep/contracts/volumes';
import * as Flags from '@oclif/core/flags';
import { confirm } from '../../../ask.ts';
import { CepCommand } from '../../../command.ts';
import { yesFlag } from '../../../names.ts';
import { poolFlag, volumeArg } from '../../../storage/names.ts';

export default class StorageVolumeDelete extends CepCommand {
  static override summary = 'delete a volume that no app uses, in seven days or at once';
  static override description =
    'Until then "cep storage volume keep" has it stay, and so has its app when it is deployed again. With --purge it goes at once, which cannot be undone and is therefore asked about.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> cep-redis-1f3a9c2b-data',
    '<%= config.bin %> <%= command.id %> cep-redis-1f3a9c2b-data --purge --yes',
  ];
  static override args = { volume: volumeArg };
  static override flags = {
    pool: poolFlag,
    purge: Flags.boolean({ description: 'at once, for good', default: false }),
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(StorageVolumeDelete);
    const { volume } = args;
    const { pool, purge } = flags;
    if (purge && !flags.yes) {
      await confirm(
        `Delete the data in "${volume}" for good?`,
        `Add --yes to delete "${volume}" without asking.`,
      );
    }
    const reply = await this.call(deleteVolume, { params: { pool, volume }, query: { purge } });
    this.log(
      purge
        ? `Deleted ${volume}.`
        : `${volume} is deleted at ${reply.leavesAt}. Until then: cep storage volume keep ${volume}`,
    );
    return { volume, ...reply };
  }
}
