import { existsSync } from 'node:fs';
import { cepHome } from '@cep/config/home';
import * as Flags from '@oclif/core/flags';
import { forget } from '../../agent/enrolment.ts';
import { hostFolder } from '../../agent/host-folder.ts';
import { findStrays } from '../../agent/nebula-process.ts';
import { stopHost } from '../../agent/stop-host.ts';
import { CepCommand } from '../../command.ts';
import { failure } from '../../failure.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostDisconnect extends CepCommand {
  static override summary = 'disconnect this machine from a network';
  static override description =
    'Keys and certificate stay, so that "cep host connect" works again without a code. With --forget they go too, and the next time a new code is needed.';
  static override examples = [
    'sudo <%= config.bin %> <%= command.id %> home laptop',
    'sudo <%= config.bin %> <%= command.id %> home laptop --forget',
  ];
  static override args = { network: networkArg, host: hostArg };
  static override flags = {
    forget: Flags.boolean({ description: 'remove keys and certificate too', default: false }),
  };

  async run() {
    const { args, flags } = await this.parse(HostDisconnect);
    const folder = hostFolder(cepHome(), args.network, args.host);
    const { network, host } = args;
    if (!existsSync(folder.path) && findStrays(folder).length === 0) {
      throw failure(
        `This machine is no host "${host}" of a network "${network}": "cep host status" shows what it is.`,
      );
    }
    const ran = await stopHost(folder);
    if (flags.forget) forget(folder);
    this.log(ran ? `Disconnected from ${network}.` : `${host} was not connected to ${network}.`);
    return { network, host, disconnected: ran, forgotten: flags.forget };
  }
}
