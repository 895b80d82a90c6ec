import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { putTemplate } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import { CepCommand } from '../../../command.ts';
import { ownStoreFlag } from '../../../names.ts';
import { readText } from '../../../read-text.ts';

export default class AppsTemplateAdd extends CepCommand {
  static override summary = 'put a template into a store that you fill by hand';
  static override description =
    'For administrators. The folder is called as the app, and has a compose.yaml with its x-cep and perhaps a README.md. It is rendered and judged before it is taken. Another revision of what is there takes its place: x-cep/revision must go up. Apps that run do not change before "cep apps update".';
  static override examples = ['<%= config.bin %> <%= command.id %> ./wiki --store ours'];
  static override args = {
    folder: Args.string({ description: 'folder of the template', required: true }),
  };
  static override flags = { store: ownStoreFlag };

  async run() {
    const { args, flags } = await this.parse(AppsTemplateAdd);
    const folder = resolve(args.folder);
    const compose = await readText(join(folder, 'compose.yaml'));
    const readme = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
    const params = { store: flags.store, app: basename(folder) };
    const template = await this.call(putTemplate, { params, body: { compose, readme } });
    this.log(
      `${template.store} has ${template.id} ${template.version}: cep apps deploy ${template.id} --store ${template.store}`,
    );
    return template;
  }
}
