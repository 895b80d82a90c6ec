import { listEngines } from '@cep/contracts/engines';
import { CepCommand } from '../../command.ts';
import { describeState } from '../../engines/describe.ts';
import { table } from '../../table.ts';

export default class EngineList extends CepCommand {
  static override summary = 'list the Docker Engines that apps are placed on';
  static override description =
    'For administrators. "local" is the Docker of the machine that cep runs on; it is always there.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const reply = await this.call(listEngines, {});
    this.log(
      table(reply.engines, {
        NAME: ({ name }) => name,
        URL: ({ url }) => url ?? '-',
        STATE: describeState,
        DOCKER: ({ version }) => version ?? '-',
        APPS: ({ apps }) => String(apps),
      }),
    );
    return reply;
  }
}
