import { refreshStore } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import { CepCommand } from '../../../command.ts';
import { warn } from '../../../policy-file.ts';
import { printable } from '../../../printable.ts';

export default class AppsStoreRefresh extends CepCommand {
  static override summary = 'look again at what an added app store has';
  static override description =
    'For administrators. A store that cannot be read, or is not signed as it must be, stays as it was. Apps that run do not change.';
  static override examples = ['<%= config.bin %> <%= command.id %> team'];
  static override args = {
    store: Args.string({ description: 'name of the store', required: true }),
  };

  async run() {
    const { args } = await this.parse(AppsStoreRefresh);
    const store = await this.call(refreshStore, { params: args });
    this.log(`${store.name} has ${store.templates} apps.`);
    if (!this.jsonEnabled()) warn(store.warnings.map((each) => `without ${printable(each)}`));
    return store;
  }
}
