import { shareEngine } from '@cep/contracts/engines';
import { Problem } from '@cep/contracts/problems';
import { CepCommand } from '../../command.ts';
import { describeShares } from '../../engines/describe.ts';
import { engineArg } from '../../engines/names.ts';
import { shareFlags } from '../../names.ts';

export default class EngineShare extends CepCommand {
  static override summary = 'say who may place apps on a Docker Engine';
  static override description =
    'For administrators, who always may. What is said is the whole of it: a project that is not named is let in no more. Apps that are there already stay.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> barn --project ada --project team',
    '<%= config.bin %> <%= command.id %> barn --everyone',
    '<%= config.bin %> <%= command.id %> barn --nobody',
  ];
  static override args = { engine: engineArg };
  static override flags = shareFlags;

  async run() {
    const { args, flags } = await this.parse(EngineShare);
    const { project: projects = [], everyone, nobody } = flags;
    if (projects.length === 0 && !everyone && !nobody) {
      throw new Problem('invalid-request', 'Say who: --project NAME, --everyone or --nobody.');
    }
    const engine = await this.call(shareEngine, { params: args, body: { projects, everyone } });
    this.log(`${engine.name} is open to ${describeShares(engine)}.`);
    return engine;
  }
}
