import { changePassword } from '@cep/contracts/users';
import * as Flags from '@oclif/core/flags';
import { askForSecret, readStdin } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { failure } from '../../failure.ts';

const STDIN = '--password-stdin';

export default class UserPassword extends CepCommand {
  static override summary = 'set or change your password';
  static override description =
    'With a password you can sign in from other machines: cep login. Every other session and token of yours ends. Who was signed in by the first start has no password yet.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --password-stdin < new-password-file',
  ];
  static override flags = {
    'password-stdin': Flags.boolean({
      description: 'read the new password from standard input, after a line with the current one',
    }),
  };

  async run() {
    const { flags } = await this.parse(UserPassword);
    const { current, next } = flags['password-stdin'] ? await readBoth() : await askForBoth();
    await this.call(changePassword, { body: { next, ...(current && { current }) } });
    this.log('The password is set. On another machine: cep login SERVER');
    return { changed: true };
  }
}

async function askForBoth() {
  const current = await askForSecret('Current password (just Enter if there is none yet)', STDIN);
  const next = await askForSecret('New password', STDIN);
  if (next === (await askForSecret('Once more', STDIN))) return { current, next };
  throw failure('The two are not the same. Nothing was changed.');
}

/** One line is the new password; of two, the first is the current one. */
async function readBoth() {
  const [first = '', second] = (await readStdin()).split(/\r?\n/);
  return second === undefined ? { next: first } : { current: first, next: second };
}
