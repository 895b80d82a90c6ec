import { checkBackupTarget } from '@cep/contracts/backups';
import { targetArg, triedOnFlag } from '../../../backups/names.ts';
import { CepCommand } from '../../../command.ts';
import { size } from '../../../storage/describe.ts';

export default class BackupTargetCheck extends CepCommand {
  static override summary = 'try whether a place for backups can be written';
  static override description =
    'For administrators. In a folder a file is written and taken away; in a bucket stays an empty repository, "cep-check". With several engines a folder is one of each machine: try it on each that has apps to back up. What is in backups is looked at by "cep backup check".';
  static override examples = [
    '<%= config.bin %> <%= command.id %> disk',
    '<%= config.bin %> <%= command.id %> disk --on barn',
  ];
  static override args = { target: targetArg };
  static override flags = { on: triedOnFlag };

  async run() {
    const { args, flags } = await this.parse(BackupTargetCheck);
    const body = { ...(flags.on !== undefined && { engine: flags.on }) };
    const tried = await this.call(checkBackupTarget, { params: args, body });
    const { freeBytes } = tried;
    const free = freeBytes === null ? '' : `; ${size(freeBytes)} are free there`;
    this.log(
      `${args.target} can be written${free}.\nNext: cep backup create APP --target ${args.target}`,
    );
    return tried;
  }
}
