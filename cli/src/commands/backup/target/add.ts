import { addBackupTarget } from '@cep/contracts/backups';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { askForSecret } from '../../../ask.ts';
import { triedOnFlag } from '../../../backups/names.ts';
import { CepCommand } from '../../../command.ts';

const SECRET = 'CEP_BACKUP_KEY_SECRET';

export default class BackupTargetAdd extends CepCommand {
  static override summary = 'add a place for backups: a folder, or a bucket of S3';
  static override description =
    `For administrators. A folder is one of the machine that runs the apps, made before; better on another disk. In it each app gets a repository of restic, encrypted with a password that is made now: keep what "cep backup target key" shows elsewhere, for without cep nothing else opens it. The secret of an S3 key is asked for, or taken from ${SECRET}. The first target is the default one. It is tried before it is kept, and nothing is kept of one that cannot be written.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> disk /srv/backups',
    '<%= config.bin %> <%= command.id %> away s3:https://s3.example.com/bucket --key-id AKIA… --default',
    '<%= config.bin %> <%= command.id %> disk /mnt/usb/backups --no-check',
  ];
  static override args = {
    name: Args.string({ description: 'what it is to be called', required: true }),
    location: Args.string({
      description: 'absolute path of a folder, or s3:https://HOST/BUCKET[/PATH]',
      required: true,
    }),
  };
  static override flags = {
    'key-id': Flags.string({ description: 'of a key of S3', helpValue: 'ID' }),
    default: Flags.boolean({
      description: 'take it where no target is named; the first one is it anyway',
      allowNo: true,
    }),
    check: Flags.boolean({
      description: 'try it first; --no-check keeps it as it is, e.g. while its disk is away',
      allowNo: true,
      default: true,
    }),
    on: triedOnFlag,
  };

  async run() {
    const { args, flags } = await this.parse(BackupTargetAdd);
    const keyId = flags['key-id'];
    const keySecret =
      keyId === undefined
        ? undefined
        : (process.env[SECRET] ?? (await askForSecret('Secret of the key', SECRET)));
    const target = await this.call(addBackupTarget, {
      body: {
        ...args,
        ...(keyId !== undefined && keySecret !== undefined && { keyId, keySecret }),
        check: flags.check,
        ...(flags.on !== undefined && { engine: flags.on }),
        ...(flags.default !== undefined && { isDefault: flags.default }),
      },
    });
    this.log(
      `${target.name} is a target for backups${target.isDefault ? ', and the default one' : ''}.\nNow keep its key elsewhere: cep backup target key ${target.name}\nNext: cep backup create APP${target.isDefault ? '' : ` --target ${target.name}`}`,
    );
    return target;
  }
}
