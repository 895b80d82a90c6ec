import { listGenerations } from '@cep/contracts/generations';
import { CepCommand } from '../../command.ts';
import { appArg } from '../../names.ts';
import { table } from '../../table.ts';

export default class AppsHistory extends CepCommand {
  static override summary = 'list the generations of an app: what it was made of, newest first';
  static override description = 'The twenty last are kept; the star marks what is wanted now.';
  static override examples = ['<%= config.bin %> <%= command.id %> redis'];
  static override args = { app: appArg };

  async run() {
    const { args } = await this.parse(AppsHistory);
    const reply = await this.call(listGenerations, { params: args });
    this.log(
      table(reply.generations, {
        GENERATION: ({ number, isCurrent }) => `${number}${isCurrent ? ' *' : ''}`,
        BY: ({ cause }) => cause,
        VERSION: ({ version }) => version,
        STATE: ({ state, reason }) => (reason ? `${state} (${reason.code})` : state),
        CREATED: ({ createdAt }) => createdAt,
        WHY: ({ reason }) => reason?.message.split('\n')[0] ?? '',
      }),
    );
    return reply;
  }
}
