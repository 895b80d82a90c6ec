import { getHost } from '@cep/contracts/hosts';
import { CepCommand } from '../../command.ts';
import { describeHost } from '../../hosts/describe.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostShow extends CepCommand {
  static override summary = 'show one host of a network';
  static override description = 'What the server knows of it; for this machine: cep host status.';
  static override examples = ['<%= config.bin %> <%= command.id %> home laptop'];
  static override args = { network: networkArg, host: hostArg };

  async run() {
    const { args } = await this.parse(HostShow);
    const host = await this.call(getHost, { params: args });
    this.log(describeHost(host));
    return host;
  }
}
