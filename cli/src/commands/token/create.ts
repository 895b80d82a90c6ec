import { createToken } from '@cep/contracts/users';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';

export default class TokenCreate extends CepCommand {
  static override summary = 'make an API token for a program';
  static override description =
    'The token is shown once, alone on standard output. A program gives it as CEP_TOKEN.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> backup',
    '<%= config.bin %> <%= command.id %> backup --expires-in-days 90 > token-file',
  ];
  static override args = {
    name: Args.string({ description: 'name to know it by', required: true }),
  };
  static override flags = {
    'expires-in-days': Flags.integer({
      description: 'end it after so many days',
      min: 1,
      max: 3650,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(TokenCreate);
    const expiresInDays = flags['expires-in-days'];
    const reply = await this.call(createToken, {
      body: { name: args.name, ...(expiresInDays !== undefined && { expiresInDays }) },
    });
    this.log(reply.secret);
    this.logToStderr('Keep it now: it is not shown again.');
    return reply;
  }
}
