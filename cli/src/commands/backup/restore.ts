import { getBackup, restoreBackup } from '@cep/contracts/backups';
import * as Flags from '@oclif/core/flags';
import { parseParameters } from '../../apps/parameters.ts';
import { waitFor } from '../../apps/wait.ts';
import { confirm } from '../../ask.ts';
import { backupArg } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';
import { wrongUsage } from '../../failure.ts';
import { setFlag, waitFlag, yesFlag } from '../../names.ts';

export default class BackupRestore extends CepCommand {
  static override summary = 'restore an app from a backup, over itself or as a new one';
  static override description =
    'The data is copied into new volumes first, while the app goes on; dumps of databases are loaded there too, out of reach; then the app is switched to them, with the template and the parameters that it had. If it does not run, it returns to what it was by itself. The volumes from before are kept: see "cep storage volume list". An app that is gone comes back under its name.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa',
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa --as wiki-copy --set PORT=8081',
  ];
  static override args = { backup: backupArg };
  static override flags = {
    as: Flags.string({ description: 'name of a new app', helpValue: 'NAME' }),
    network: Flags.string({
      description: 'network on which a new app is reached',
      helpValue: 'NAME',
    }),
    set: setFlag,
    grant: Flags.string({
      description: 'for administrators: what a new app may beyond others; may be repeated',
      helpValue: 'PERMISSION',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    reason: Flags.string({ description: 'why that is granted; it is kept', helpValue: 'WHY' }),
    wait: waitFlag,
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(BackupRestore);
    const { as, network, grant, reason = '' } = flags;
    if (grant.length > 0 && !reason.trim()) throw wrongUsage('--grant needs a --reason.');
    const client = await this.connect();
    const backup = await client.call(getBackup, { params: args });
    if (as === undefined && !flags.yes) {
      await confirm(
        `Replace what "${backup.app}" has now by what it had at ${backup.createdAt}?`,
        `Add --yes to replace the data of "${backup.app}" without asking, or --as NAME for a new app.`,
      );
    }
    const grants = grant.map((permission) => ({ permission, reason }));
    const { app, operation } = await client.call(restoreBackup, {
      params: args,
      body: {
        parameters: parseParameters(flags.set),
        ...(as !== undefined && { as }),
        ...(network !== undefined && { network }),
        ...(grants.length > 0 && { grants }),
      },
    });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const state = flags.wait ? 'is restored and runs' : 'is being restored';
    this.log(`${app.name} ${state}: see "cep apps show ${app.name}".`);
    return { app, operation };
  }
}
