import { restartApp } from '@cep/contracts/apps';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { appArg, waitFlag } from '../../names.ts';

export default class AppsRestart extends CepCommand {
  static override summary = 'stop and start all containers of an app';
  static override description = 'What depends on others is stopped first and started last.';
  static override examples = ['<%= config.bin %> <%= command.id %> redis'];
  static override args = { app: appArg };
  static override flags = { wait: waitFlag };

  async run() {
    const { args, flags } = await this.parse(AppsRestart);
    const client = await this.connect();
    const { app, operation } = await client.call(restartApp, { params: args });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    this.log(flags.wait ? `${app.name} is running again.` : `${app.name} is being restarted.`);
    return { app, operation };
  }
}
