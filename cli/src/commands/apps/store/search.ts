import { listStores, listTemplates } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import { searchTemplates, templateColumns } from '../../../apps/find-templates.ts';
import { CepCommand } from '../../../command.ts';
import { table } from '../../../table.ts';

export default class AppsStoreSearch extends CepCommand {
  static override summary = 'look for an app in every store';
  static override description =
    'Finds apps that have all the words in their name, summary, categories or tags.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> photos',
    '<%= config.bin %> <%= command.id %> "home mqtt"',
  ];
  static override args = {
    text: Args.string({ description: 'words to look for', required: true }),
  };

  async run() {
    const { args } = await this.parse(AppsStoreSearch);
    const { stores } = await this.call(listStores, {});
    const replies = await Promise.all(
      stores.map(({ name }) => this.call(listTemplates, { params: { store: name } })),
    );
    const all = replies.flatMap((reply) => reply.templates);
    const templates = searchTemplates(all, args.text);
    const none = `No app has "${args.text}". See all with "cep apps store list".`;
    this.log(table(templates, templateColumns, none));
    return { templates };
  }
}
