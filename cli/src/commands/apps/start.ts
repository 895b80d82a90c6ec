import { startApp } from '@cep/contracts/apps';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { appArg, waitFlag } from '../../names.ts';

export default class AppsStart extends CepCommand {
  static override summary = 'start an app that was stopped';
  static override description = 'Its containers are the same as before; so are its addresses.';
  static override examples = ['<%= config.bin %> <%= command.id %> redis'];
  static override args = { app: appArg };
  static override flags = { wait: waitFlag };

  async run() {
    const { args, flags } = await this.parse(AppsStart);
    const client = await this.connect();
    const { app, operation } = await client.call(startApp, { params: args });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    this.log(flags.wait ? `${app.name} is running.` : `${app.name} is being started.`);
    return { app, operation };
  }
}
