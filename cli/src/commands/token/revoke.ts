import { revokeToken } from '@cep/contracts/users';
import * as Args from '@oclif/core/args';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { yesFlag } from '../../names.ts';

export default class TokenRevoke extends CepCommand {
  static override summary = 'revoke an API token, at once';
  static override description = 'What uses it is refused from now on.';
  static override examples = ['<%= config.bin %> <%= command.id %> backup --yes'];
  static override args = {
    name: Args.string({ description: 'name of the token', required: true }),
  };
  static override flags = { yes: yesFlag };

  async run() {
    const { args, flags } = await this.parse(TokenRevoke);
    const { name } = args;
    if (!flags.yes) {
      await confirm(`Revoke the token "${name}"?`, `Add --yes to revoke "${name}" without asking.`);
    }
    await this.call(revokeToken, { params: { token: name } });
    this.log(`Revoked ${name}.`);
    return { revoked: name };
  }
}
