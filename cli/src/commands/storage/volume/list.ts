import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../../command.ts';
import { warn } from '../../../policy-file.ts';
import { describeState, size } from '../../../storage/describe.ts';
import { volumesIn } from '../../../storage/volumes.ts';
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
    pool: Flags.string({ description: 'only those of one pool', helpValue: 'NAME' }),
    sizes: Flags.boolean({ description: 'measure them', default: true, allowNo: true }),
    unused: Flags.boolean({ description: 'only those that no app uses', default: false }),
  };

  async run() {
    const { flags } = await this.parse(StorageVolumeList);
    const { pool, sizes } = flags;
    const { volumes, failures } = await volumesIn(await this.connect(), { pool, sizes });
    const shown = volumes.filter(({ state }) => !flags.unused || state !== 'used');
    this.log(
      table(
        shown,
        {
          NAME: ({ name }) => name,
          POOL: ({ pool: own }) => own,
          APP: ({ app }) => app,
          VOLUME: ({ volume }) => volume,
          SIZE: ({ sizeBytes }) => size(sizeBytes),
          STATE: describeState,
        },
        flags.unused ? 'Every volume is used by an app.' : 'There are no volumes yet.',
      ),
    );
    if (!this.jsonEnabled()) warn(failures);
    return { volumes: shown, failures };
  }
}
