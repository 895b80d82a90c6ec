import { removeBackupTarget } from '@cep/contracts/backups';
import { targetArg } from '../../../backups/names.ts';
import { CepCommand } from '../../../command.ts';

export default class BackupTargetRemove extends CepCommand {
  static override summary = 'forget a place for backups that has none any more';
  static override description =
    'For administrators. Nothing is deleted there; the key that cep has of it is.';
  static override examples = ['<%= config.bin %> <%= command.id %> disk'];
  static override args = { target: targetArg };

  async run() {
    const { args } = await this.parse(BackupTargetRemove);
    await this.call(removeBackupTarget, { params: args });
    this.log(`${args.target} is forgotten.`);
    return args;
  }
}
