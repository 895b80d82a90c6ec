import { getBackup } from '@cep/contracts/backups';
import { describeBackup } from '../../backups/describe.ts';
import { backupArg } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';

export default class BackupShow extends CepCommand {
  static override summary = 'show one backup: what is in it, and where it lies';
  static override description =
    'Repository and snapshot are as restic names them: with the key of the target they can be read without cep.';
  static override examples = ['<%= config.bin %> <%= command.id %> wiki-5e0c71aa'];
  static override args = { backup: backupArg };

  async run() {
    const { args } = await this.parse(BackupShow);
    const backup = await this.call(getBackup, { params: args });
    this.log(describeBackup(backup));
    return backup;
  }
}
