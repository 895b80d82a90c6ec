import type { Parameter, TemplateDetails } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { findTemplate } from '../../../apps/find-template.ts';
import { CepCommand } from '../../../command.ts';
import { printable } from '../../../printable.ts';
import { card, table } from '../../../table.ts';

export default class AppsStoreShow extends CepCommand {
  static override summary = 'show an app of the store and what can be set';
  static override description =
    'Each parameter is given to "cep apps deploy" as --set NAME=VALUE; those that are generated need not be.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> postgres',
    '<%= config.bin %> <%= command.id %> wiki --store team',
  ];
  static override args = {
    template: Args.string({ description: 'name of the app in the store', required: true }),
  };
  static override flags = {
    store: Flags.string({ description: 'store to look in; first any', helpValue: 'NAME' }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsStoreShow);
    const template = await findTemplate(await this.connect(), args.template, flags.store);
    this.log(
      card({
        Name: `${template.id}: ${template.name} ${template.version}`,
        State: template.enabled ? null : 'disabled: nobody deploys it',
        Store: template.store,
        Categories: template.categories.join(' '),
        Website: template.website,
        Images: template.services.map(({ image }) => image).join(' '),
        Endpoints: template.endpoints.map(({ port, protocol }) => `${port}/${protocol}`).join(' '),
        Volumes: template.volumes.join(' '),
      }),
    );
    this.log(`\n${printable(template.description.trim())}\n`);
    if (template.parameters.length > 0) this.log(parameters(template.parameters));
    if (template.permissions.length > 0) this.log(permissions(template.permissions));
    const store = template.store === 'cep' ? '' : ` --store ${template.store}`;
    if (!template.enabled) return template;
    this.log(`Deploy it: cep apps deploy ${template.id}${store} --network NETWORK`);
    return template;
  }
}

const permissions = (rows: TemplateDetails['permissions']): string =>
  `${table(rows, {
    'TO BE GRANTED': ({ permission }) => permission,
    'NEEDED FOR': ({ reason }) => reason,
  })}\n`;

const parameters = (rows: readonly Parameter[]): string =>
  `${table(rows, {
    PARAMETER: ({ name }) => name,
    DEFAULT: ({ default: value, generated, required }) =>
      value ?? (generated ? '(generated)' : required ? '(required)' : ''),
    MEANING: ({ label, help }) => help ?? label,
  })}\n`;
