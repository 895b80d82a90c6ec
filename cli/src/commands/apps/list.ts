import { type AppOfProject, listAllApps } from '@cep/contracts/all-apps';
import { type App, listApps } from '@cep/contracts/apps';
import * as Flags from '@oclif/core/flags';
import { CepCommand } from '../../command.ts';
import { type Columns, table } from '../../table.ts';

export default class AppsList extends CepCommand {
  static override summary = 'list the apps of the project';
  static override description =
    'Shows each app, its state and where it is reached. With --all administrators see those of every project and engine; to look at one of them, to stop or to destroy it, they name its project: cep apps show APP --project PROJECT.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --all',
  ];
  static override flags = {
    all: Flags.boolean({ description: 'for administrators: the apps of every project' }),
  };

  async run() {
    const { flags } = await this.parse(AppsList);
    if (flags.all) return this.listAll();
    const reply = await this.call(listApps, {});
    this.log(table(reply.apps, columns, 'There are no apps yet. Next: cep apps store list'));
    return reply;
  }

  private async listAll() {
    const apps: AppOfProject[] = [];
    let after: string | null = '';
    while (after !== null) {
      const query = { limit: 1000, ...(after && { after }) };
      const page: Awaited<ReturnType<typeof this.page>> = await this.page(query);
      apps.push(...page.apps);
      after = page.next;
    }
    this.log(table(apps, allColumns, 'There are no apps yet, in any project.'));
    return { apps };
  }

  private page(query: { limit: number; after?: string }) {
    return this.call(listAllApps, { query });
  }
}

const columns: Columns<App> = {
  NAME: ({ name }) => name,
  APP: ({ template, version }) => `${template} ${version}`,
  STATE: ({ state, reason }) => (reason ? `${state} (${reason.code})` : state),
  ENGINE: ({ engine }) => engine,
  NETWORK: ({ network }) => network ?? '',
  ADDRESS: ({ endpoints }) => endpoints.map(({ url }) => url).join(' '),
};

const allColumns: Columns<AppOfProject> = {
  PROJECT: ({ project }) => project ?? '?',
  OWNER: ({ deployedBy }) => deployedBy ?? '?',
  ...columns,
};
