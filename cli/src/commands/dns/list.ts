import { listRecords } from '@cep/contracts/records';
import { CepCommand } from '../../command.ts';
import { networkArg } from '../../names.ts';
import { table } from '../../table.ts';

export default class DnsList extends CepCommand {
  static override summary = 'list the names of a network, and where they lead';
  static override description =
    'Hosts and apps have names by themselves: FROM says whose a name is. Those of a record were added with "cep dns add".';
  static override examples = ['<%= config.bin %> <%= command.id %> home'];
  static override args = { network: networkArg };

  async run() {
    const { args } = await this.parse(DnsList);
    const reply = await this.call(listRecords, { params: args });
    this.log(
      table(
        reply.records,
        {
          NAME: ({ name }) => (name === '@' ? args.network : `${name}.${args.network}`),
          TYPE: ({ type }) => type,
          VALUE: ({ value }) => value,
          TTL: ({ ttl }) => String(ttl),
          FROM: ({ from }) => from,
        },
        `There are no names yet. Next: cep host create ${args.network} NAME --am-lighthouse --public-ip ADDRESS`,
      ),
    );
    return reply;
  }
}
