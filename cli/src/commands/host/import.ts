import { cepHome } from '@cep/config/home';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { adopt } from '../../agent/adopt.ts';
import { hostFolder } from '../../agent/host-folder.ts';
import { checkPrivileges, findNebula } from '../../agent/nebula-program.ts';
import { startDetached, startHere } from '../../agent/start-host.ts';
import { expiryOf, statusOf } from '../../agent/status.ts';
import { openArchive } from '../../archives/open-archive.ts';
import { CepCommand } from '../../command.ts';

export default class HostImport extends CepCommand {
  static override summary = 'connect this machine with a file that "cep host bundle" made';
  static override description =
    'No server is asked, now or later: the machine is on the network for as long as its certificate lasts, and hears of no change. Another file of the same host takes the place of the one before. What nebula runs is made anew from the signed part of the file; changes to its config.yml are not taken over. Needs root and nebula.';
  static override examples = [
    'sudo <%= config.bin %> <%= command.id %> home-router.tar.gz --detach',
  ];
  static override args = {
    file: Args.string({ description: 'the archive, .tar.gz', required: true }),
  };
  static override flags = {
    detach: Flags.boolean({
      char: 'd',
      description: 'go on in the background, until "cep host disconnect"',
      default: false,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(HostImport);
    const archive = await openArchive(args.file);
    const folder = hostFolder(cepHome(), archive.network, archive.host);
    checkPrivileges();
    const nebula = await findNebula(process.env);
    const { content: bundle } = await adopt(folder, archive, nebula);
    const [address] = bundle.host.address.split('/');
    const until = expiryOf(bundle).toISOString().slice(0, 10);
    const { network, host } = folder;
    const announce = () => {
      this.log(`${host} is connected to ${network} as ${address}, until ${until}. It is not live.`);
      this.log(
        flags.detach
          ? `It goes on in the background: cep host status, cep host disconnect ${network} ${host}`
          : 'Ctrl-C disconnects.',
      );
    };
    const start = { root: this.config.root, folder, bundle, nebula, announce };
    await (flags.detach ? startDetached(start) : startHere(start));
    return statusOf(folder);
  }
}
