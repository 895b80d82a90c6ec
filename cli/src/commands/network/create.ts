import { createNetwork } from '@cep/contracts/networks';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { networkArg } from '../../names.ts';

export default class NetworkCreate extends CepCommand {
  static override summary = 'create a network';
  static override description =
    'A network has its own certificate authority and its own range of addresses, which is chosen when none is given.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home',
    '<%= config.bin %> <%= command.id %> home --cidr 10.42.0.0/16',
  ];
  static override args = { network: networkArg };
  static override flags = {
    cidr: Flags.string({ description: 'IPv4 range, e.g. 10.42.0.0/16', helpValue: 'RANGE' }),
  };

  async run() {
    const { args, flags } = await this.parse(NetworkCreate);
    const network = await this.call(createNetwork, {
      body: { name: args.network, ...(flags.cidr !== undefined && { cidr: flags.cidr }) },
    });
    this.log(`Created the network ${network.name} with the range ${network.cidr}.`);
    this.log(
      `Next, its first host: cep host create ${network.name} NAME --am-lighthouse --public-ip ADDRESS`,
    );
    return network;
  }
}
