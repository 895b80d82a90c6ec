import { removeTemplate } from '@cep/contracts/templates';
import { CepCommand } from '../../../command.ts';
import { ownStoreFlag, templateArg } from '../../../names.ts';

export default class AppsTemplateRemove extends CepCommand {
  static override summary = 'remove a template from a store that you fill by hand';
  static override description =
    'For administrators. Apps that are made of it run, restart, roll back and are restored as before. What comes from git or a folder is removed there, or disabled here.';
  static override examples = ['<%= config.bin %> <%= command.id %> wiki --store ours'];
  static override args = { template: templateArg };
  static override flags = { store: ownStoreFlag };

  async run() {
    const { args, flags } = await this.parse(AppsTemplateRemove);
    const params = { store: flags.store, app: args.template };
    await this.call(removeTemplate, { params });
    this.log(`${params.store} is without ${params.app}. What was deployed from it runs on.`);
    return params;
  }
}
