import { changeTemplate } from '@cep/contracts/templates';
import { CepCommand } from '../../../command.ts';
import { storeFlag, templateArg } from '../../../names.ts';

export default class AppsTemplateEnable extends CepCommand {
  static override summary = 'let a template that was disabled be deployed again';
  static override description = 'For administrators.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wordpress',
    '<%= config.bin %> <%= command.id %> wiki --store team',
  ];
  static override args = { template: templateArg };
  static override flags = { store: storeFlag };

  async run() {
    const { args, flags } = await this.parse(AppsTemplateEnable);
    const params = { store: flags.store, app: args.template };
    const template = await this.call(changeTemplate, { params, body: { enabled: true } });
    this.log(`${template.id} of the store ${template.store} can be deployed.`);
    return template;
  }
}
