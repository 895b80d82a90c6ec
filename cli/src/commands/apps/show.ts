import { getApp } from '@cep/contracts/apps';
import * as Flags from '@oclif/core/flags';
import { describeApp } from '../../apps/describe.ts';
import { CepCommand } from '../../command.ts';
import { appArg } from '../../names.ts';

export default class AppsShow extends CepCommand {
  static override summary = 'show one app, its services and its parameters';
  static override description = 'Passwords and the like are left out unless --secrets is given.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis',
    '<%= config.bin %> <%= command.id %> postgres --secrets',
  ];
  static override args = { app: appArg };
  static override flags = {
    secrets: Flags.boolean({ description: 'show sensitive parameters too', default: false }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsShow);
    const app = await this.call(getApp, { params: args, query: { secrets: flags.secrets } });
    this.log(describeApp(app));
    return app;
  }
}
