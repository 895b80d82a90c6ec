import { listNetworks } from '@cep/contracts/networks';
import { CepCommand } from '../../command.ts';
import { table } from '../../table.ts';

export default class NetworkList extends CepCommand {
  static override summary = 'list the networks of the project';
  static override description = 'Shows each network with its range and how many hosts it has.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const reply = await this.call(listNetworks, {});
    this.log(
      table(
        reply.networks,
        {
          NAME: ({ name }) => name,
          RANGE: ({ cidr, cidr6 }) => (cidr6 === null ? cidr : `${cidr} ${cidr6}`),
          HOSTS: ({ hosts }) => String(hosts),
          CREATED: ({ createdAt }) => createdAt.slice(0, 10),
        },
        'There are no networks yet. Next: cep network create NAME',
      ),
    );
    return reply;
  }
}
