import { rollbackApp } from '@cep/contracts/apps';
import * as Args from '@oclif/core/args';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { appArg, waitFlag } from '../../names.ts';

export default class AppsRollback extends CepCommand {
  static override summary = 'bring an app back to an earlier generation';
  static override description =
    'Without a number it is the last that ran before this one. Volumes are not rolled back: what a newer version has written stays.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki',
    '<%= config.bin %> <%= command.id %> wiki 3',
  ];
  static override args = {
    app: appArg,
    generation: Args.integer({ description: 'see "cep apps history"', min: 1 }),
  };
  static override flags = { wait: waitFlag };

  async run() {
    const { args, flags } = await this.parse(AppsRollback);
    const client = await this.connect();
    const { app: name, generation } = args;
    const { app, operation } = await client.call(rollbackApp, {
      params: { app: name },
      body: { ...(generation !== undefined && { generation }) },
    });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const state = flags.wait ? 'is running' : 'is being rolled back';
    this.log(`${app.name} ${state}, generation ${app.generation}.`);
    return { app, operation };
  }
}
