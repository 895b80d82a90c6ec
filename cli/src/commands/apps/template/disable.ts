import { changeTemplate } from '@cep/contracts/templates';
import { CepCommand } from '../../../command.ts';
import { storeFlag, templateArg } from '../../../names.ts';

export default class AppsTemplateDisable extends CepCommand {
  static override summary = 'hide a template, so that nobody deploys it';
  static override description =
    'For administrators, who still see it in lists. Apps that are made of it run, restart, roll back and are restored as before; only what the store has newer does not come to them.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wordpress',
    '<%= config.bin %> <%= command.id %> wiki --store team',
  ];
  static override args = { template: templateArg };
  static override flags = { store: storeFlag };

  async run() {
    const { args, flags } = await this.parse(AppsTemplateDisable);
    const params = { store: flags.store, app: args.template };
    const template = await this.call(changeTemplate, { params, body: { enabled: false } });
    this.log(
      `${template.id} of the store ${template.store} is disabled. What is made of it runs on.`,
    );
    return template;
  }
}
