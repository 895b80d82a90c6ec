import { removeStore } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import { CepCommand } from '../../../command.ts';

export default class AppsStoreRemove extends CepCommand {
  static override summary = 'remove an app store that was added';
  static override description =
    'For administrators. Apps that were deployed from it go on; only new ones cannot be made from it.';
  static override examples = ['<%= config.bin %> <%= command.id %> team'];
  static override args = {
    store: Args.string({ description: 'name of the store', required: true }),
  };

  async run() {
    const { args } = await this.parse(AppsStoreRemove);
    await this.call(removeStore, { params: args });
    this.log(`${args.store} is removed. What was deployed from it runs on.`);
    return args;
  }
}
