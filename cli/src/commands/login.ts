import { cepHome } from '@cep/config/home';
import { signIn } from '@cep/contracts/users';
import { createClient } from '@cep/http/client';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { askFor, askForSecret, readStdin } from '../ask.ts';
import { CepCommand } from '../command.ts';
import { findProfile, saveProfile } from '../profile.ts';
import { parseServer, targetOf } from '../server.ts';
import { meet } from '../trust.ts';

const DEFAULT_SERVER = 'https://localhost:8443';

export default class Login extends CepCommand {
  static override summary = 'sign in to a cep server with a username and a password';
  static override description =
    'The first time, the fingerprint of the server’s certificate is shown, to be compared; from then on no other certificate is accepted. The token that comes back is kept for this user of this machine alone.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> https://cloud.example:8443 --username ada',
    '<%= config.bin %> <%= command.id %> --username ada --password-stdin < password-file',
  ];
  static override args = {
    server: Args.string({ description: `address of the server; first ${DEFAULT_SERVER}` }),
  };
  static override flags = {
    username: Flags.string({ description: 'who signs in', helpValue: 'NAME' }),
    'password-stdin': Flags.boolean({ description: 'read the password from standard input' }),
    pin: Flags.string({
      description: 'accept exactly this certificate',
      helpValue: 'FINGERPRINT',
      exclusive: ['yes'],
    }),
    yes: Flags.boolean({ description: 'accept the certificate without asking' }),
  };

  async run() {
    const { args, flags } = await this.parse(Login);
    const named = args.server ?? flags.server;
    const known = targetOf(findProfile(process.env), { server: named });
    const url = known?.url ?? parseServer(DEFAULT_SERVER);
    const certificate = await meet(url, { ...flags, known: known?.certificate });
    const username = flags.username ?? (await askFor('Username', '--username'));
    const password = flags['password-stdin']
      ? await readStdin()
      : await askForSecret('Password', '--password-stdin');
    const client = createClient({ url, ...(certificate && { pinned: certificate }) });
    const { secret, user, expiresAt } = await client.call(signIn, { body: { username, password } });
    const pinned = certificate && { certificate };
    const server = url.origin;
    saveProfile({ home: cepHome(), server, token: secret, username: user.username, ...pinned });
    this.log(`Signed in to ${server} as ${user.username}. Next: cep network list`);
    return { server, user, expiresAt };
  }
}
