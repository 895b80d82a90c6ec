import { stopApp } from '@cep/contracts/apps';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { appArg, waitFlag } from '../../names.ts';

export default class AppsStop extends CepCommand {
  static override summary = 'stop an app; nothing of it is removed';
  static override description =
    'It stays stopped, also when the machine starts anew, until "cep apps start".';
  static override examples = ['<%= config.bin %> <%= command.id %> redis'];
  static override args = { app: appArg };
  static override flags = { wait: waitFlag };

  async run() {
    const { args, flags } = await this.parse(AppsStop);
    const client = await this.connect();
    const { app, operation } = await client.call(stopApp, { params: args });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    this.log(flags.wait ? `${app.name} is stopped.` : `${app.name} is being stopped.`);
    return { app, operation };
  }
}
