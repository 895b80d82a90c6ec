import { deleteHost } from '@cep/contracts/hosts';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { hostArg, networkArg, yesFlag } from '../../names.ts';

export default class HostDelete extends CepCommand {
  static override summary = 'delete a host from its network';
  static override description =
    'It cannot be undone: the host’s certificate is revoked, and its name and address are free again.';
  static override examples = ['<%= config.bin %> <%= command.id %> home laptop --yes'];
  static override args = { network: networkArg, host: hostArg };
  static override flags = { yes: yesFlag };

  async run() {
    const { args, flags } = await this.parse(HostDelete);
    if (!flags.yes) {
      await confirm(
        `Delete the host "${args.host}" of "${args.network}" for good?`,
        `Add --yes to delete "${args.host}" without asking.`,
      );
    }
    await this.call(deleteHost, { params: args });
    const { network, host } = args;
    this.log(`Deleted ${host} from ${network}.`);
    this.log(
      `On its machine, if one was connected: sudo cep host disconnect ${network} ${host} --forget`,
    );
    return { deleted: args.host, network: args.network };
  }
}
