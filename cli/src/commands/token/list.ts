import { listTokens } from '@cep/contracts/users';
import { CepCommand } from '../../command.ts';
import { table } from '../../table.ts';

export default class TokenList extends CepCommand {
  static override summary = 'list your API tokens';
  static override description = 'Their secrets are not kept anywhere, so they are not shown.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const reply = await this.call(listTokens, {});
    this.log(
      table(
        reply.tokens,
        {
          NAME: ({ name }) => name,
          CREATED: ({ createdAt }) => createdAt,
          'LAST USED': ({ lastUsedAt }) => lastUsedAt ?? 'never',
          EXPIRES: ({ expiresAt }) => expiresAt ?? 'never',
        },
        'You have no tokens.',
      ),
    );
    return reply;
  }
}
