import { cepHome } from '@cep/config/home';
import { hostFolder } from '../../agent/host-folder.ts';
import { removeUnit, unitName } from '../../agent/service-unit.ts';
import { CepCommand } from '../../command.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostUninstallService extends CepCommand {
  static override summary = 'no longer connect this machine whenever it starts';
  static override description =
    'Disconnects, and removes the service that "cep host install-service" made. Keys and certificate stay. Needs root.';
  static override examples = ['sudo <%= config.bin %> <%= command.id %> home laptop'];
  static override args = { network: networkArg, host: hostArg };

  async run() {
    const { args } = await this.parse(HostUninstallService);
    const { network, host } = args;
    const folder = hostFolder(cepHome(), network, host);
    const removed = await removeUnit(folder);
    const service = unitName(folder);
    this.log(removed ? `${service} is gone.` : `There is no ${service}.`);
    return { network, host, service, removed };
  }
}
