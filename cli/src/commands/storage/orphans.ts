import { deleteOrphans, listOrphans, type Orphans } from '@cep/contracts/orphans';
import * as Flags from '@oclif/core/flags';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { yesFlag } from '../../names.ts';
import { warn } from '../../policy-file.ts';
import { describeState, size } from '../../storage/describe.ts';
import { table } from '../../table.ts';

export default class StorageOrphans extends CepCommand {
  static override summary = 'list volumes that no app has used for long, and delete them';
  static override description =
    'Nothing is deleted without --delete; then they go in seven days, until when "cep storage volume keep" has one stay, or at once with --purge. A volume that an app comes to use meanwhile stays.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --older-than 90 --delete',
    '<%= config.bin %> <%= command.id %> --all --older-than 365 --delete --purge --yes',
  ];
  static override flags = {
    'older-than': Flags.integer({
      description: 'unused for so many days',
      helpValue: 'DAYS',
      default: 30,
      min: 0,
    }),
    all: Flags.boolean({
      description: 'for administrators: of every project',
      default: false,
    }),
    delete: Flags.boolean({ description: 'delete them', default: false }),
    purge: Flags.boolean({
      description: 'at once, for good',
      default: false,
      dependsOn: ['delete'],
    }),
    yes: yesFlag,
  };

  async run() {
    const { flags } = await this.parse(StorageOrphans);
    const { all, purge, 'older-than': olderThanDays } = flags;
    const client = await this.connect();
    const found = await client.call(listOrphans, { query: { olderThanDays, all } });
    this.show(found);
    if (!flags.delete || found.volumes.length === 0) return found;
    if (!flags.yes) {
      await confirm(
        `Delete the data in these ${found.volumes.length} volumes ${purge ? 'for good' : 'in seven days'}?`,
        'Add --yes to delete them without asking.',
      );
    }
    const body = { olderThanDays, all, purge };
    const gone = await client.call(deleteOrphans, { body });
    if (!this.jsonEnabled()) warn(gone.failures);
    const count = gone.volumes.length;
    this.log(purge ? `Deleted ${count}.` : `${count} go in seven days.`);
    return gone;
  }

  private show({ volumes, failures }: Orphans): void {
    this.log(
      table(
        volumes,
        {
          NAME: ({ name }) => name,
          POOL: ({ pool }) => pool,
          APP: ({ app }) => app,
          SIZE: ({ sizeBytes }) => size(sizeBytes),
          'UNUSED SINCE': ({ releasedAt }) => releasedAt ?? 'not known',
          STATE: describeState,
        },
        'There are none.',
      ),
    );
    if (!this.jsonEnabled()) warn(failures);
  }
}
