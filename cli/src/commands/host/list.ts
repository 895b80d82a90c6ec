import { listHosts } from '@cep/contracts/hosts';
import { CepCommand } from '../../command.ts';
import { presence, roles } from '../../hosts/describe.ts';
import { networkArg } from '../../names.ts';
import { table } from '../../table.ts';

export default class HostList extends CepCommand {
  static override summary = 'list the hosts of a network';
  static override description =
    'A host is "reserved" until a machine has connected as it, then "enrolled", until it is "revoked". One that is "not live" runs from a file of "cep host bundle": it hears of no change.';
  static override examples = ['<%= config.bin %> <%= command.id %> home'];
  static override args = { network: networkArg };

  async run() {
    const { args } = await this.parse(HostList);
    const reply = await this.call(listHosts, { params: args });
    this.log(
      table(
        reply.hosts,
        {
          NAME: ({ name }) => name,
          ADDRESS: ({ address, address6 }) =>
            address6 === null ? address : `${address} ${address6}`,
          STATE: ({ state }) => state,
          CONNECTED: presence,
          SERVES: roles,
          GROUPS: ({ groups }) => groups.join(' '),
          NEBULA: ({ agent }) => agent.nebulaVersion ?? '',
          'CERTIFICATE UNTIL': ({ certificate }) => certificate?.expiresAt.slice(0, 10) ?? '',
        },
        `There are no hosts yet. Next: cep host create ${args.network} NAME --am-lighthouse --public-ip ADDRESS`,
      ),
    );
    for (const { name, warnings } of reply.hosts) {
      for (const warning of warnings) this.log(`${name}: ${warning}`);
    }
    return reply;
  }
}
