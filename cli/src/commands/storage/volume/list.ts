import { listVolumes } from '@cep/contracts/volumes';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { describeState, size } from '../../../storage/describe.ts';
import { poolFlag } from '../../../storage/names.ts';
import { table } from '../../../table.ts';

export default class StorageVolumeList extends CepCommand {
  static override summary = 'list the data of apps, and what destroyed apps have left';
  static override description =
    'A volume that is kept waits for its app to be deployed again under the same name. Measuring takes time where there are many files: --no-sizes leaves it out.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --unused',
  ];
  static override flags = {
    pool: poolFlag,
    sizes: Flags.boolean({ description: 'measure them', default: true, allowNo: true }),
    unused: Flags.boolean({ description: 'only those that no app uses', default: false }),
  };

  async run() {
    const { flags } = await this.parse(StorageVolumeList);
    const { pool, sizes } = flags;
    const { volumes } = await this.call(listVolumes, { params: { pool }, query: { sizes } });
    const shown = volumes.filter(({ state }) => !flags.unused || state !== 'used');
    this.log(
      table(
        shown,
        {
          NAME: ({ name }) => name,
          APP: ({ app }) => app,
          VOLUME: ({ volume }) => volume,
          SIZE: ({ sizeBytes }) => size(sizeBytes),
          STATE: describeState,
        },
        flags.unused ? 'Every volume is used by an app.' : 'There are no volumes yet.',
      ),
    );
    return { volumes: shown };
  }
}
