import { whoAmI } from '@cep/contracts/users';
import { fingerprintOf } from '../certificate.ts';
import { CepCommand } from '../command.ts';
import { card } from '../table.ts';

export default class WhoAmI extends CepCommand {
  static override summary = 'show who is signed in, where, and in which project commands act';
  static override description =
    'Also shows the fingerprint of the server’s certificate, to compare with on another machine.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const { url, certificate } = await this.signedIn();
    const reply = await this.call(whoAmI, {});
    const fingerprint = certificate ? fingerprintOf(certificate) : null;
    this.log(
      card({
        User: `${reply.user.username} (${reply.user.role})`,
        Project: reply.project.name,
        Server: url.origin,
        Certificate: fingerprint,
        Until: reply.expiresAt,
      }),
    );
    return { ...reply, server: url.origin, fingerprint };
  }
}
