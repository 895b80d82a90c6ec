import { listLighthouses } from '@cep/contracts/networks';
import { CepCommand } from '../../command.ts';
import { networkArg } from '../../names.ts';
import { table } from '../../table.ts';

export default class NetworkLighthouses extends CepCommand {
  static override summary = 'list the lighthouses of a network';
  static override description =
    'Lighthouses tell the other hosts where each is reached; a network needs at least one.';
  static override examples = ['<%= config.bin %> <%= command.id %> home'];
  static override args = { network: networkArg };

  async run() {
    const { args } = await this.parse(NetworkLighthouses);
    const reply = await this.call(listLighthouses, { params: args });
    this.log(
      table(reply.lighthouses, {
        NAME: ({ name }) => name,
        ADDRESS: ({ address }) => address,
        'REACHED AT': ({ endpoint }) => endpoint,
      }),
    );
    return reply;
  }
}
