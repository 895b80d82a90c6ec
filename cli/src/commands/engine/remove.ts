import { removeEngine } from '@cep/contracts/engines';
import { CepCommand } from '../../command.ts';
import { engineArg } from '../../engines/names.ts';

export default class EngineRemove extends CepCommand {
  static override summary = 'remove a Docker Engine that has no apps';
  static override description =
    'For administrators. Refused while apps, or the data of destroyed ones, are on it. Nothing on its machine changes.';
  static override examples = ['<%= config.bin %> <%= command.id %> barn'];
  static override args = { engine: engineArg };

  async run() {
    const { args } = await this.parse(EngineRemove);
    await this.call(removeEngine, { params: args });
    this.log(`Removed ${args.engine}.`);
    return { engine: args.engine };
  }
}
