import { getBackup, restoreBackup } from '@cep/contracts/backups';
import * as Flags from '@oclif/core/flags';
import { parseParameters } from '../../apps/parameters.ts';
import { grantFlags, toGrants } from '../../apps/source.ts';
import { waitFor } from '../../apps/wait.ts';
import { confirm } from '../../ask.ts';
import { backupArg, volumesFlag, volumesIn } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';
import { setFlag, waitFlag, yesFlag } from '../../names.ts';
import { poolsFlag } from '../../storage/names.ts';
import { parsePools } from '../../storage/pools.ts';

export default class BackupRestore extends CepCommand {
  static override summary = 'restore an app from a backup, over itself or as a new one';
  static override description =
    'The data is copied into new volumes first, while the app goes on; dumps of databases are loaded there too, out of reach; then the app is switched to them, with the template and the parameters that it had. If it does not run, it returns to what it was by itself. The volumes from before are kept: see "cep storage volume list". An app that is gone comes back under its name. With --volume those volumes come back alone: the others, the template and the parameters stay what they are now.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa',
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa --volume data',
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa --as wiki-copy --set PORT=8081',
    '<%= config.bin %> <%= command.id %> wiki-5e0c71aa --as wiki-fast --pool fast',
  ];
  static override args = { backup: backupArg };
  static override flags = {
    as: Flags.string({ description: 'name of a new app', helpValue: 'NAME' }),
    network: Flags.string({
      description: 'network on which a new app is reached, if not that of the app it is a copy of',
      helpValue: 'NAME',
    }),
    volume: volumesFlag,
    pool: poolsFlag,
    set: setFlag,
    ...grantFlags,
    wait: waitFlag,
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(BackupRestore);
    const { as, network } = flags;
    const granted = toGrants(flags);
    const client = await this.connect();
    const backup = await client.call(getBackup, { params: args });
    if (as === undefined && !flags.yes) {
      await confirm(
        `Replace what "${backup.app}" has ${inVolumes(flags.volume ?? backup.only)}now by what it had at ${backup.createdAt}?`,
        `Add --yes to replace the data of "${backup.app}" without asking, or --as NAME for a new app.`,
      );
    }
    const { app, operation } = await client.call(restoreBackup, {
      params: args,
      body: {
        parameters: await parseParameters(flags.set),
        ...(as !== undefined && { as }),
        ...(network !== undefined && { network }),
        ...granted,
        ...parsePools(flags.pool),
        ...volumesIn(flags.volume),
      },
    });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const state = flags.wait ? 'is restored and runs' : 'is being restored';
    this.log(`${app.name} ${state}: see "cep apps show ${app.name}".`);
    return { app, operation };
  }
}

const inVolumes = (names: readonly string[] | null): string =>
  names ? `in ${names.join(' and ')} ` : '';
