import { listStores, listTemplates } from '@cep/contracts/templates';
import { CepCommand } from '../../../command.ts';
import { table } from '../../../table.ts';

export default class AppsStoreList extends CepCommand {
  static override summary = 'list the apps that can be deployed';
  static override description = 'Shows the templates of every app store.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const { stores } = await this.call(listStores, {});
    const replies = await Promise.all(
      stores.map(({ name }) => this.call(listTemplates, { params: { store: name } })),
    );
    const templates = replies.flatMap((reply) => reply.templates);
    this.log(
      table(templates, {
        NAME: ({ id }) => id,
        VERSION: ({ version }) => version,
        STORE: ({ store }) => store,
        SUMMARY: ({ summary }) => summary,
      }),
    );
    return { templates };
  }
}
