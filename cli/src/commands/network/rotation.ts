import { getRotation } from '@cep/contracts/rotations';
import { CepCommand } from '../../command.ts';
import { networkArg } from '../../names.ts';
import { describeRotation } from '../../rotations/describe.ts';

export default class NetworkRotation extends CepCommand {
  static override summary = 'show how far the replacement of a network’s authority is';
  static override description = 'Which step it is at, and which hosts it waits for.';
  static override examples = ['<%= config.bin %> <%= command.id %> home'];
  static override args = { network: networkArg };

  async run() {
    const { args } = await this.parse(NetworkRotation);
    const state = await this.call(getRotation, { params: args });
    this.log(describeRotation(state));
    return state;
  }
}
