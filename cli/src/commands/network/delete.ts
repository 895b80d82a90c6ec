import { deleteNetwork } from '@cep/contracts/networks';
import * as Flags from '@oclif/core/flags';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { networkArg, yesFlag } from '../../names.ts';

export default class NetworkDelete extends CepCommand {
  static override summary = 'delete a network and its certificate authority';
  static override description =
    'It cannot be undone: every certificate of the network is worthless afterwards. A network that still has hosts is deleted only with --force.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home',
    '<%= config.bin %> <%= command.id %> home --force --yes',
  ];
  static override args = { network: networkArg };
  static override flags = {
    force: Flags.boolean({ description: 'also when it has hosts', default: false }),
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(NetworkDelete);
    const { network } = args;
    if (!flags.yes) {
      await confirm(
        `Delete the network "${network}" for good?`,
        `Add --yes to delete "${network}" without asking.`,
      );
    }
    await this.call(deleteNetwork, { params: { network }, query: { force: flags.force } });
    this.log(`Deleted the network ${network}.`);
    return { deleted: network };
  }
}
