import { checkBackups } from '@cep/contracts/backups';
import * as Flags from '@oclif/core/flags';
import { waitFor } from '../../apps/wait.ts';
import { backupArg } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';

export default class BackupCheck extends CepCommand {
  static override summary = 'check the repository that a backup is in';
  static override description =
    'Looks whether all is there that the backups of its app need. With --full everything is read and compared, which takes as long as restoring all of it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa',
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa --full',
  ];
  static override args = { backup: backupArg };
  static override flags = {
    full: Flags.boolean({ description: 'read all of it', default: false }),
  };

  async run() {
    const { args, flags } = await this.parse(BackupCheck);
    const client = await this.connect();
    const { full } = flags;
    const { operation } = await client.call(checkBackups, { params: args, body: { full } });
    await waitFor({ client, operation, quiet: this.jsonEnabled() });
    this.log(`The repository of ${args.backup} is whole.`);
    return { operation };
  }
}
