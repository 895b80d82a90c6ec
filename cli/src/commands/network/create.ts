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
    '<%= config.bin %> <%= command.id %> home --cert-version 2',
  ];
  static override args = { network: networkArg };
  static override flags = {
    cidr: Flags.string({
      description: 'IPv4 range, e.g. 10.42.0.0/16',
      helpValue: 'RANGE',
      aliases: ['range'],
    }),
    'cert-version': Flags.string({
      description: '2: hosts with nebula 1.10 or later have IPv6, too; older ones IPv4 alone',
      options: ['1', '2'],
      default: '1',
    }),
    cidr6: Flags.string({
      description: 'IPv6 range of version 2, e.g. fd7c:1e0:9a44:1::/64; a random one if absent',
      helpValue: 'RANGE',
      aliases: ['range6'],
    }),
    curve: Flags.string({
      description: 'P256 needs nebula 1.7 or later on every host',
      options: ['25519', 'P256'],
      default: '25519',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(NetworkCreate);
    const { cidr, cidr6 } = flags;
    const network = await this.call(createNetwork, {
      body: {
        name: args.network,
        certificateVersion: flags['cert-version'] === '2' ? 2 : 1,
        curve: flags.curve === 'P256' ? 'p256' : 'curve25519',
        ...(cidr !== undefined && { cidr }),
        ...(cidr6 !== undefined && { cidr6 }),
      },
    });
    const ranges = network.cidr6 === null ? network.cidr : `${network.cidr} and ${network.cidr6}`;
    this.log(`Created the network ${network.name} with the range ${ranges}.`);
    this.log(
      `Next, its first host: cep host create ${network.name} NAME --am-lighthouse --public-ip ADDRESS`,
    );
    return network;
  }
}
