import { getBackupKey } from '@cep/contracts/backups';
import { targetArg } from '../../../backups/names.ts';
import { CepCommand } from '../../../command.ts';

export default class BackupTargetKey extends CepCommand {
  static override summary = 'show the password of the repositories of a target';
  static override description =
    'For administrators. Whoever has it and the target can read every backup there, with restic and without cep: so keep it where cep is not, for the day on which cep is lost.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> disk',
    '<%= config.bin %> <%= command.id %> disk --json',
  ];
  static override args = { target: targetArg };

  async run() {
    const { args } = await this.parse(BackupTargetKey);
    const reply = await this.call(getBackupKey, { params: args });
    this.log(reply.password);
    return reply;
  }
}
