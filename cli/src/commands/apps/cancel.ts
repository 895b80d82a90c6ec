import { cancelApp } from '@cep/contracts/apps';
import { CepCommand } from '../../command.ts';
import { appArg } from '../../names.ts';

export default class AppsCancel extends CepCommand {
  static override summary = 'break off the change of an app that is under way';
  static override description =
    'An update or a rollback: what ran before runs on, or again. A first deployment: it is stopped, and nothing of it is removed.';
  static override examples = ['<%= config.bin %> <%= command.id %> redis'];
  static override args = { app: appArg };

  async run() {
    const { args } = await this.parse(AppsCancel);
    const reply = await this.call(cancelApp, { params: args });
    this.log(`The change of ${reply.app.name} is broken off.`);
    return reply;
  }
}
