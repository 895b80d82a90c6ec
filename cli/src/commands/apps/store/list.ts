import { listStores, listTemplates, type Store, type Template } from '@cep/contracts/templates';
import * as Flags from '@oclif/core/flags';
import { isInCategory, templateColumns } from '../../../apps/find-templates.ts';
import { CepCommand } from '../../../command.ts';
import { describeShares } from '../../../engines/describe.ts';
import { printable } from '../../../printable.ts';
import { table } from '../../../table.ts';

export default class AppsStoreList extends CepCommand {
  static override summary = 'list the apps that can be deployed';
  static override description =
    'Shows the templates of every app store, or with --stores the stores themselves. To look for a word: cep apps store search.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --category databases',
    '<%= config.bin %> <%= command.id %> --stores',
  ];
  static override flags = {
    category: Flags.string({ description: 'only apps of this category', helpValue: 'NAME' }),
    store: Flags.string({ description: 'only apps of this store', helpValue: 'NAME' }),
    stores: Flags.boolean({
      description: 'list the stores, and what of them was not taken',
      exclusive: ['category', 'store'],
    }),
  };

  async run() {
    const { flags } = await this.parse(AppsStoreList);
    if (flags.stores) return this.listStores();
    const templates = await this.templatesOf(flags.store);
    const { category } = flags;
    const shown = templates.filter((each) => !category || isInCategory(each, category));
    this.log(table(shown, templateColumns, nothing(templates, category)));
    return { templates: shown };
  }

  private async listStores() {
    const { stores } = await this.call(listStores, {});
    this.log(table(stores, columns));
    for (const { name, warnings } of stores) {
      for (const warning of warnings) this.log(printable(`${name} is without ${warning}`));
    }
    return { stores };
  }

  private async templatesOf(store?: string): Promise<Template[]> {
    const names = store ? [store] : (await this.call(listStores, {})).stores.map((s) => s.name);
    const replies = await Promise.all(
      names.map((name) => this.call(listTemplates, { params: { store: name } })),
    );
    return replies.flatMap(({ templates }) => templates);
  }
}

const columns = {
  STORE: ({ name }: Store) => name,
  KIND: ({ kind, signed }: Store) => (signed ? `${kind}, signed` : kind),
  APPS: ({ templates }: Store) => String(templates),
  FROM: ({ location, kind }: Store) => location ?? (kind === 'own' ? 'put there by hand' : 'cep'),
  'OPEN TO': describeShares,
  REVISION: ({ revision }: Store) => revision?.slice(0, 12) ?? '',
  REFRESHED: ({ refreshedAt }: Store) => refreshedAt?.slice(0, 16).replace('T', ' ') ?? '',
};

function nothing(templates: readonly Template[], category = ''): string {
  const categories = [...new Set(templates.flatMap((each) => each.categories))].toSorted();
  return `No app is in the category "${category}". There are ${categories.join(', ')}.`;
}
