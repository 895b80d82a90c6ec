import { editHost } from '@cep/contracts/hosts';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { wrongUsage } from '../../failure.ts';
import { describeHost } from '../../hosts/describe.ts';
import { roleFlags, roleOf } from '../../hosts/flags.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostEdit extends CepCommand {
  static override summary = 'change the groups of a host, or how others reach it';
  static override description =
    'What is not named stays as it is; groups are replaced as a whole. Hosts that are connected obey at once.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home laptop --group family --group admin',
    '<%= config.bin %> <%= command.id %> home laptop --no-groups',
    '<%= config.bin %> <%= command.id %> home cloud --public-ip 203.0.113.8 --port 443 --am-relay',
  ];
  static override args = { network: networkArg, host: hostArg };
  static override flags = {
    ...roleFlags,
    port: Flags.integer({ description: 'UDP port; 0: any free one', min: 0, max: 65535 }),
    group: Flags.string({
      description: 'group that it is in from now on; may be repeated',
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['no-groups'],
    }),
    'no-groups': Flags.boolean({ description: 'it is in no group', default: false }),
  };

  async run() {
    const { args, flags } = await this.parse(HostEdit);
    const groups = flags['no-groups'] ? [] : flags.group;
    const body = {
      ...roleOf(flags),
      ...(flags.port !== undefined && { port: flags.port === 0 ? null : flags.port }),
      ...(groups !== undefined && { groups }),
    };
    if (Object.keys(body).length === 0) {
      throw wrongUsage('Say what to change, e.g. --group family. See "cep host edit --help".');
    }
    const host = await this.call(editHost, { params: args, body });
    this.log(describeHost(host));
    return host;
  }
}
