import { cepHome } from '@cep/config/home';
import { Problem } from '@cep/contracts/problems';
import { signOut } from '@cep/contracts/users';
import { CepCommand } from '../command.ts';
import { forgetToken } from '../profile.ts';

export default class Logout extends CepCommand {
  static override summary = 'sign out: end the token here and on the server';
  static override description =
    'The server’s certificate stays known. Without a server in reach the token is still forgotten here, and ends by itself in time.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const target = await this.target();
    if (!target?.token) {
      this.log('You are not signed in.');
      return { server: target?.url.origin ?? null, signedOut: false };
    }
    const server = target.url.origin;
    const failed = await this.call(signOut, {}).catch((error: Error) => error);
    forgetToken(cepHome(), server);
    if (failed && !(failed instanceof Problem && failed.code === 'not-signed-in')) throw failed;
    this.log(`Signed out of ${server}.`);
    return { server, signedOut: true };
  }
}
