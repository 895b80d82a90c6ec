import { cepHome } from '@cep/config/home';
import { findEnrolment } from '../../agent/enrolment.ts';
import { hostFolder } from '../../agent/host-folder.ts';
import { checkPrivileges } from '../../agent/nebula-program.ts';
import { installUnit, unitName } from '../../agent/service-unit.ts';
import { stopHost } from '../../agent/stop-host.ts';
import { CepCommand } from '../../command.ts';
import { failure } from '../../failure.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostInstallService extends CepCommand {
  static override summary = 'connect this machine whenever it starts, by systemd';
  static override description =
    'The machine must be enrolled already, as after "cep host connect". Needs root. The service connects at once, in place of what runs in the background.';
  static override examples = ['sudo <%= config.bin %> <%= command.id %> home laptop'];
  static override args = { network: networkArg, host: hostArg };

  async run() {
    const { args } = await this.parse(HostInstallService);
    const { network, host } = args;
    const home = cepHome();
    const folder = hostFolder(home, network, host);
    checkPrivileges();
    if (!(await findEnrolment(folder)))
      throw failure(`This machine is not ${host} yet: run "cep host connect ${network} ${host}".`);
    const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
    const command = [...program, 'host', 'connect', network, host];
    await stopHost(folder);
    await installUnit({ folder, home, command, nebula: process.env.CEP_NEBULA });
    const service = unitName(folder);
    this.log(`${service} runs, now and after each start of this machine: journalctl -u ${service}`);
    return { network, host, service };
  }
}
