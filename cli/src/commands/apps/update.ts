import { updateApp } from '@cep/contracts/apps';
import { planUpdate } from '@cep/contracts/plans';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseParameters } from '../../apps/parameters.ts';
import { describePlan } from '../../apps/plan.ts';
import { grantFlags, readCompose, toGrants } from '../../apps/source.ts';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { appArg, dryRunFlag, setFlag, waitFlag } from '../../names.ts';

export default class AppsUpdate extends CepCommand {
  static override summary =
    'bring an app to its template or file as it is now, or change its parameters';
  static override description =
    'Only containers that change are made anew. A service that holds no volume and no port, or that its template has updated start-first, is replaced without a gap; another is stopped just before its successor starts. --dry-run says which services and images change, what is new that an administrator has to grant, and what the template says of the change. When the new one does not run, cep returns to the one before by itself, and says why.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> postgres',
    '<%= config.bin %> <%= command.id %> postgres --set MAX_CONNECTIONS=200 --dry-run',
    '<%= config.bin %> <%= command.id %> postgres --template-version 18.1',
    '<%= config.bin %> <%= command.id %> shop ./compose.yaml --dry-run',
  ];
  static override args = {
    app: appArg,
    file: Args.string({ description: 'its compose file as it is now, if it was made of one' }),
  };
  static override flags = {
    'dry-run': dryRunFlag,
    ...grantFlags,
    set: setFlag,
    'template-version': Flags.string({
      description: 'only if the store has just this version',
      helpValue: 'VERSION',
    }),
    wait: waitFlag,
  };

  async run() {
    const { args, flags } = await this.parse(AppsUpdate);
    const client = await this.connect();
    const version = flags['template-version'];
    const parameters = await parseParameters(flags.set);
    const { app: name, file } = args;
    const params = { app: name };
    const body = {
      ...{ parameters, ...toGrants(flags) },
      ...(version !== undefined && { version }),
      ...(file !== undefined && (await readCompose(file))),
    };
    if (flags['dry-run']) {
      const plan = await client.call(planUpdate, { params, body });
      this.log(describePlan(plan));
      return plan;
    }
    const { app, operation } = await client.call(updateApp, { params, body });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const state = flags.wait ? 'is running' : 'is being updated';
    this.log(`${app.name} ${state}, generation ${app.generation}.`);
    return { app, operation };
  }
}
