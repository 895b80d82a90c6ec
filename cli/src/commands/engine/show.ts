import { getEngine } from '@cep/contracts/engines';
import { CepCommand } from '../../command.ts';
import { describeEngine } from '../../engines/describe.ts';
import { engineArg } from '../../engines/names.ts';

export default class EngineShow extends CepCommand {
  static override summary = 'show one Docker Engine, and whether it is reached';
  static override description = 'For administrators. Its private key is never shown.';
  static override examples = ['<%= config.bin %> <%= command.id %> barn'];
  static override args = { engine: engineArg };

  async run() {
    const { args } = await this.parse(EngineShow);
    const engine = await this.call(getEngine, { params: args });
    this.log(describeEngine(engine));
    return engine;
  }
}
