import { cepHome } from '@cep/config/home';
import * as Args from '@oclif/core/args';
import { findHostFolders } from '../../agent/host-folders.ts';
import { statusOf } from '../../agent/status.ts';
import { CepCommand } from '../../command.ts';
import { table } from '../../table.ts';

export default class HostStatus extends CepCommand {
  static override summary = 'show what this machine is connected to';
  static override description =
    'No server is asked: it works without one. CONNECTED says whether the server is reached; the network goes on without it. One that was imported is not live: it never asks the server.';
  static override examples = [
    'sudo <%= config.bin %> <%= command.id %>',
    'sudo <%= config.bin %> <%= command.id %> home laptop --json',
  ];
  static override args = {
    network: Args.string({ description: 'only this network' }),
    host: Args.string({ description: 'only this host of it' }),
  };

  async run() {
    const { args } = await this.parse(HostStatus);
    const { network, host } = args;
    const folders = findHostFolders(cepHome()).filter(
      (folder) =>
        (network === undefined || folder.network === network) &&
        (host === undefined || folder.host === host),
    );
    const hosts = await Promise.all(folders.map(statusOf));
    this.log(
      table(
        hosts,
        {
          NETWORK: (each) => each.network,
          HOST: (each) => each.host,
          NAME: ({ name }) => name ?? '',
          STATE: ({ state }) => state,
          PID: ({ pid }) => (pid === null ? '' : String(pid)),
          ADDRESS: ({ address }) => address ?? '',
          INTERFACE: (each) => each.interface ?? '',
          CONNECTED: ({ connected, live }) => (!live ? 'not live' : connected ? 'yes' : 'no'),
          BUNDLE: ({ bundleVersion }) => String(bundleVersion ?? ''),
          NEBULA: ({ nebulaVersion }) => nebulaVersion ?? '',
          'CERTIFICATE UNTIL': ({ certificateExpiresAt }) =>
            certificateExpiresAt?.slice(0, 10) ?? '',
        },
        'This machine is connected to no such network. See "cep host connect --help".',
      ),
    );
    for (const { network, host, names, problem } of hosts) {
      if (names?.hint) this.log(names.hint);
      if (problem) this.log(`${host} of ${network}: ${problem}`);
    }
    return { hosts };
  }
}
