import { cepHome } from '@cep/config/home';
import type { Bundle } from '@cep/contracts/bundle';
import * as Flags from '@oclif/core/flags';
import { stageConfig } from '../../agent/config-file.ts';
import { type Enrolment, enrol, findEnrolment } from '../../agent/enrolment.ts';
import { type HostFolder, hostFolder } from '../../agent/host-folder.ts';
import { checkPrivileges, findNebula } from '../../agent/nebula-program.ts';
import { startDetached, startHere } from '../../agent/start-host.ts';
import { expiryOf, statusOf } from '../../agent/status.ts';
import { findSupervisor } from '../../agent/supervisor-record.ts';
import { CepCommand } from '../../command.ts';
import { enrolmentCode } from '../../enrolment-code.ts';
import { hostArg, networkArg } from '../../names.ts';

export default class HostConnect extends CepCommand {
  static override summary = 'connect this machine to a network, as one of its hosts';
  static override description =
    'The first time the machine makes its keys, which never leave it, and exchanges the code for a certificate; where you are signed in no code is needed. Afterwards everything is on disk: it works without the server, and takes what the server has to say whenever it is reached. Needs root and nebula.';
  static override examples = [
    'sudo <%= config.bin %> <%= command.id %> home laptop --detach',
    'sudo <%= config.bin %> <%= command.id %> home laptop --server https://cloud.example:8443 --pin sha256:… --code XXXX-…',
  ];
  static override args = { network: networkArg, host: hostArg };
  static override flags = {
    code: Flags.string({ description: 'one-time code, see "cep host code"', helpValue: 'CODE' }),
    pin: Flags.string({
      description: 'accept exactly this certificate of the server',
      helpValue: 'FINGERPRINT',
    }),
    detach: Flags.boolean({
      char: 'd',
      description: 'go on in the background, until "cep host disconnect"',
      default: false,
    }),
    yes: Flags.boolean({
      description: 'accept the server’s certificate without asking',
      default: false,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(HostConnect);
    const folder = hostFolder(cepHome(), args.network, args.host);
    const running = findSupervisor(folder);
    if (running) {
      this.log(`This machine is connected to ${args.network} already (process ${running.pid}).`);
      this.log(
        `To begin anew, as after "cep host delete": cep host disconnect ${args.network} ${args.host} --forget`,
      );
      return statusOf(folder);
    }
    checkPrivileges();
    const nebula = await findNebula(process.env);
    const enrolment =
      (await findEnrolment(folder)) ??
      (await this.enrol(folder, { ...flags, nebulaVersion: nebula.version }));
    const bundle = enrolment.content;
    // One that has expired is renewed by the agent, and until then nebula would not take it.
    if (expiryOf(bundle) > new Date()) (await stageConfig({ folder, bundle, nebula })).discard();
    const announce = () => this.announce(bundle, flags.detach);
    const start = { root: this.config.root, folder, bundle, nebula, announce };
    await (flags.detach ? startDetached(start) : startHere(start));
    return statusOf(folder);
  }

  private async enrol(
    folder: HostFolder,
    flags: {
      code?: string | undefined;
      pin?: string | undefined;
      yes: boolean;
      nebulaVersion: string;
    },
  ): Promise<Enrolment> {
    const { network, host } = folder;
    const { code, pin, yes, nebulaVersion } = flags;
    const request = { network, host, code, pin, yes };
    const given = await enrolmentCode(request, await this.target(), () => this.connect());
    return enrol(given, folder, { code: given.code, nebulaVersion });
  }

  private announce({ network, host, version2 }: Bundle, detached: boolean): void {
    const addresses = [host.address, ...(version2 ? [version2.host.address] : [])];
    const names = addresses.map((each) => each.replace(/\/.*/, '')).join(' and ');
    this.log(`${host.name} is connected to ${network.name} as ${names}.`);
    this.log(
      detached
        ? `It goes on in the background: cep host status, cep host disconnect ${network.name} ${host.name}`
        : 'Ctrl-C disconnects.',
    );
  }
}
