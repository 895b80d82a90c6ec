import { createHost } from '@cep/contracts/hosts';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { connectCommand } from '../../connect-command.ts';
import { roleFlags, roleOf } from '../../hosts/flags.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostCreate extends CepCommand {
  static override summary = 'reserve a name and an address for a host';
  static override description =
    'Prints the command that connects the machine; its code works once, for 15 minutes. The first host of a network is a lighthouse: it has a public address, at which the others find it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home cloud --am-lighthouse --public-ip 203.0.113.7',
    '<%= config.bin %> <%= command.id %> home laptop --group mobile --group family',
  ];
  static override args = { network: networkArg, host: hostArg };
  static override flags = {
    ...roleFlags,
    port: Flags.integer({
      description: 'UDP port, 4242 with a public address, else any free one',
      min: 1,
      max: 65535,
    }),
    address: Flags.string({
      description: 'address on the network, IPv4 or IPv6, the lowest free one if absent',
      helpValue: 'IP',
    }),
    group: Flags.string({
      description: 'group that it is in; may be repeated',
      multiple: true,
      default: [],
    }),
  };

  async run() {
    const { args, flags } = await this.parse(HostCreate);
    const { address: wanted, port } = flags;
    const reply = await this.call(createHost, {
      params: { network: args.network },
      body: {
        name: args.host,
        lighthouse: false,
        ...roleOf(flags),
        groups: flags.group,
        ...(port !== undefined && { port }),
        ...(wanted !== undefined && { address: wanted }),
      },
    });
    const command = connectCommand(args, await this.signedIn(), reply.enrolment);
    const { name, address6, network } = reply.host;
    const address = [reply.host.address, ...(address6 === null ? [] : [address6])].join(' and ');
    const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
    this.log(`Reserved ${address} for ${name} on ${network}.`);
    this.log(`On this machine:   ${sudo}cep host connect ${network} ${name} --detach`);
    this.log(`On another one, within 15 minutes:\n  ${command}`);
    return { ...reply, command };
  }
}
