import { Problem } from '@cep/contracts/problems';
import { shareStore } from '@cep/contracts/templates';
import * as Args from '@oclif/core/args';
import { CepCommand } from '../../../command.ts';
import { describeShares } from '../../../engines/describe.ts';
import { shareFlags } from '../../../names.ts';

export default class AppsStoreShare extends CepCommand {
  static override summary = 'say who sees an app store and may deploy from it';
  static override description =
    'For administrators, who always do. What is said is the whole of it: to a project that is not named there is no such store any more. Apps that are made of it stay.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> team --project ada --project bob',
    '<%= config.bin %> <%= command.id %> team --everyone',
    '<%= config.bin %> <%= command.id %> cep --nobody',
  ];
  static override args = {
    store: Args.string({ description: 'name of the store', required: true }),
  };
  static override flags = shareFlags;

  async run() {
    const { args, flags } = await this.parse(AppsStoreShare);
    const { project: projects = [], everyone, nobody } = flags;
    if (projects.length === 0 && !everyone && !nobody) {
      throw new Problem('invalid-request', 'Say who: --project NAME, --everyone or --nobody.');
    }
    const store = await this.call(shareStore, { params: args, body: { projects, everyone } });
    this.log(`${store.name} is open to ${describeShares(store)}.`);
    return store;
  }
}
