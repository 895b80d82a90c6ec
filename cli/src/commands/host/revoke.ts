import { revokeHost } from '@cep/contracts/hosts';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { hostArg, networkArg, yesFlag } from '../../names.ts';

export default class HostRevoke extends CepCommand {
  static override summary = 'shut a host out of its network for good';
  static override description =
    'It cannot be undone. Every other host drops its connections at once; it can neither renew its certificate nor connect again. Its name and address stay taken until it is deleted.';
  static override examples = ['<%= config.bin %> <%= command.id %> home laptop --yes'];
  static override args = { network: networkArg, host: hostArg };
  static override flags = { yes: yesFlag };

  async run() {
    const { args, flags } = await this.parse(HostRevoke);
    if (!flags.yes) {
      await confirm(
        `Shut the host "${args.host}" out of "${args.network}" for good?`,
        `Add --yes to revoke "${args.host}" without asking.`,
      );
    }
    const host = await this.call(revokeHost, { params: args });
    this.log(`Revoked ${host.name} of ${host.network}.`);
    return host;
  }
}
