import { listBackups } from '@cep/contracts/backups';
import * as Args from '@oclif/core/args';
import { backupColumns } from '../../backups/describe.ts';
import { CepCommand } from '../../command.ts';
import { table } from '../../table.ts';

export default class BackupList extends CepCommand {
  static override summary = 'list backups, also those of apps that are gone';
  static override description =
    'Newest first. ADDED is what the target did not have yet: what is there already is not stored twice.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> wiki --json',
  ];
  static override args = { app: Args.string({ description: 'only those of this app' }) };

  async run() {
    const { args } = await this.parse(BackupList);
    const query = args.app === undefined ? {} : { app: args.app };
    const { backups } = await this.call(listBackups, { query });
    this.log(table(backups, backupColumns, 'There are no backups yet: cep backup create APP'));
    return { backups };
  }
}
