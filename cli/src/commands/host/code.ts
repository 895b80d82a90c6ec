import { createEnrolment } from '@cep/contracts/hosts';
import { CepCommand } from '../../command.ts';
import { connectCommand } from '../../connect-command.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostCode extends CepCommand {
  static override summary = 'give a new one-time code for a host';
  static override description =
    'The code before it is worth nothing from now on. A machine that is already connected stays so.';
  static override examples = ['<%= config.bin %> <%= command.id %> home laptop'];
  static override args = { network: networkArg, host: hostArg };

  async run() {
    const { args } = await this.parse(HostCode);
    const enrolment = await this.call(createEnrolment, { params: args });
    const command = connectCommand(args, await this.signedIn(), enrolment);
    this.log(command);
    return { ...enrolment, command };
  }
}
