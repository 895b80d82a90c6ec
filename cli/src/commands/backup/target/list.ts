import { type BackupTarget, listBackupTargets } from '@cep/contracts/backups';
import { CepCommand } from '../../../command.ts';
import { table } from '../../../table.ts';

export default class BackupTargetList extends CepCommand {
  static override summary = 'list the places for backups';
  static override description =
    'Everybody may back up to them; administrators add and remove them.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const { targets } = await this.call(listBackupTargets, {});
    const none =
      'There is none yet. An administrator adds one: cep backup target add NAME /srv/backups';
    this.log(table(targets, columns, none));
    return { targets };
  }
}

const columns = {
  NAME: ({ name, isDefault }: BackupTarget) => (isDefault ? `${name} (default)` : name),
  KIND: ({ kind }: BackupTarget) => kind,
  LOCATION: ({ location }: BackupTarget) => location,
  BACKUPS: ({ backups }: BackupTarget) => String(backups),
};
