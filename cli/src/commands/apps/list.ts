import { listApps } from '@cep/contracts/apps';
import { CepCommand } from '../../command.ts';
import { table } from '../../table.ts';

export default class AppsList extends CepCommand {
  static override summary = 'list the apps of the project';
  static override description = 'Shows each app, its state and where it is reached.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const reply = await this.call(listApps, {});
    this.log(
      table(
        reply.apps,
        {
          NAME: ({ name }) => name,
          APP: ({ template, version }) => `${template} ${version}`,
          STATE: ({ state, reason }) => (reason ? `${state} (${reason.code})` : state),
          ENGINE: ({ engine }) => engine,
          NETWORK: ({ network }) => network ?? '',
          ADDRESS: ({ endpoints }) => endpoints.map(({ url }) => url).join(' '),
        },
        'There are no apps yet. Next: cep apps store list',
      ),
    );
    return reply;
  }
}
