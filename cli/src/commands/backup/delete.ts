import { deleteBackup } from '@cep/contracts/backups';
import { waitFor } from '../../apps/wait.ts';
import { confirm } from '../../ask.ts';
import { backupArg } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';
import { waitFlag, yesFlag } from '../../names.ts';

export default class BackupDelete extends CepCommand {
  static override summary = 'delete a backup, and what only it needs at its target';
  static override description = 'It cannot be undone, and is therefore asked about.';
  static override examples = ['<%= config.bin %> <%= command.id %> wiki-5e0c71aa --yes'];
  static override args = { backup: backupArg };
  static override flags = { wait: waitFlag, yes: yesFlag };

  async run() {
    const { args, flags } = await this.parse(BackupDelete);
    const { backup } = args;
    if (!flags.yes) {
      await confirm(
        `Delete "${backup}" for good?`,
        `Add --yes to delete "${backup}" without asking.`,
      );
    }
    const client = await this.connect();
    const { operation } = await client.call(deleteBackup, { params: { backup } });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    this.log(flags.wait ? `Deleted ${backup}.` : `${backup} is being deleted.`);
    return { backup, operation };
  }
}
