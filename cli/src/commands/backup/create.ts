import { createBackup } from '@cep/contracts/backups';
import * as Flags from '@oclif/core/flags';
import { waitFor } from '../../apps/wait.ts';
import { targetFlag, volumesFlag, volumesIn } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';
import { appArg, waitFlag } from '../../names.ts';

export default class BackupCreate extends CepCommand {
  static override summary = 'back up an app: its volumes, its template and its parameters';
  static override description =
    'Unless its template says otherwise, an app with volumes is stopped while they are copied, and starts again; with --mode pause its processes rest in place. With --mode hot they go on: databases of PostgreSQL, MySQL, MariaDB, MongoDB, Redis and SQLite are dumped by their own programs, in place of their files. Caches, and what the template leaves out, are not copied; neither are paths of the machine. With --volume it is of those volumes alone, caches too; over its app such a backup brings back nothing else.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki',
    '<%= config.bin %> <%= command.id %> wiki --mode pause --target disk',
    '<%= config.bin %> <%= command.id %> wiki --mode hot',
    '<%= config.bin %> <%= command.id %> wiki --volume data',
    '<%= config.bin %> <%= command.id %> wiki --no-wait --json',
  ];
  static override args = { app: appArg };
  static override flags = {
    mode: Flags.option({
      description: 'how the app is kept from writing meanwhile',
      options: ['stop', 'pause', 'hot'] as const,
    })(),
    target: targetFlag,
    volume: volumesFlag,
    wait: waitFlag,
  };

  async run() {
    const { args, flags } = await this.parse(BackupCreate);
    const { mode, target } = flags;
    const client = await this.connect();
    const { backup, operation } = await client.call(createBackup, {
      params: args,
      body: {
        ...(mode && { mode }),
        ...(target !== undefined && { target }),
        ...volumesIn(flags.volume),
      },
    });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    this.log(
      flags.wait
        ? `${backup.app} is backed up as ${backup.id}.\nNext: cep backup show ${backup.id}, cep backup restore ${backup.id} --as ${backup.app}-copy`
        : `${backup.app} is being backed up as ${backup.id}.`,
    );
    return { backup, operation };
  }
}
