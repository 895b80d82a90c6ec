import { rotateAuthority } from '@cep/contracts/rotations';
import * as Flags from '@oclif/core/flags';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { networkArg, yesFlag } from '../../names.ts';
import { progressOf } from '../../rotations/describe.ts';
import { followRotation } from '../../rotations/follow.ts';

export default class NetworkRotateCa extends CepCommand {
  static override summary = 'replace the certificate authority of a network';
  static override description =
    'No connection is lost: the old authority is given up only when every host has confirmed the new one. The server goes on by itself when this command is ended; typed again, the command goes on watching. A host that is away is waited for, unless it is named by --leave-behind: then it is cut off until it has reached the server again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home',
    '<%= config.bin %> <%= command.id %> home --leave-behind old-laptop',
    '<%= config.bin %> <%= command.id %> home --emergency --yes',
  ];
  static override args = { network: networkArg };
  static override flags = {
    'leave-behind': Flags.string({
      description: 'host not to wait for; may be repeated',
      helpValue: 'HOST',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    emergency: Flags.boolean({
      description: 'trust the old authority no longer, at once, whoever is cut off',
      default: false,
    }),
    wait: Flags.boolean({ description: 'wait until it is done', default: true, allowNo: true }),
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(NetworkRotateCa);
    const { network } = args;
    if (flags.emergency && !flags.yes) {
      await confirm(
        `Cut off every host of "${network}" until it has reached the server?`,
        'Add --yes to do so without asking.',
      );
    }
    const body = { leaveBehind: flags['leave-behind'], emergency: flags.emergency };
    const begun = await this.call(rotateAuthority, { params: args, body });
    if (!flags.wait) {
      this.log(
        `${progressOf(begun)}\nIt goes on by itself: see "cep network rotation ${network}".`,
      );
      return begun;
    }
    let last = '';
    return followRotation(await this.connect(), network, (state) => {
      const line = progressOf(state);
      if (line !== last) this.log(line);
      last = line;
    });
  }
}
