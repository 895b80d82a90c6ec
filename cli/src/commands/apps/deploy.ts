import { setTimeout as sleep } from 'node:timers/promises';
import { type AppDetails, deployApp, getApp, planDeployment } from '@cep/contracts/apps';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { firstSteps } from '../../apps/describe.ts';
import { parseParameters } from '../../apps/parameters.ts';
import { describePlan } from '../../apps/plan.ts';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { dryRunFlag, setFlag } from '../../names.ts';

export default class AppsDeploy extends CepCommand {
  static override summary = 'deploy an app from the store, and wait until it runs';
  static override description =
    'With --network the app is reached at this machine’s address on that network, else from this machine only. Typed again it goes on where it was: it never makes a second app of the same name.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis --network home',
    '<%= config.bin %> <%= command.id %> postgres --name orders --set DATABASE=orders',
    '<%= config.bin %> <%= command.id %> nginx --dry-run',
    '<%= config.bin %> <%= command.id %> nginx --no-wait --json',
  ];
  static override args = {
    template: Args.string({ description: 'name of the app in the store', required: true }),
  };
  static override flags = {
    'dry-run': dryRunFlag,
    name: Flags.string({ description: 'name of this deployment, if not the template’s' }),
    network: Flags.string({ description: 'network on which it is reached', helpValue: 'NAME' }),
    set: setFlag,
    store: Flags.string({ description: 'store to take it from', helpValue: 'NAME' }),
    wait: Flags.boolean({ description: 'wait until it runs', default: true, allowNo: true }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsDeploy);
    const client = await this.connect();
    const { name, network, store } = flags;
    const body = {
      template: args.template,
      parameters: parseParameters(flags.set),
      ...(name !== undefined && { name }),
      ...(network !== undefined && { network }),
      ...(store !== undefined && { store }),
    };
    if (flags['dry-run']) {
      const plan = await client.call(planDeployment, { body });
      this.log(describePlan(plan));
      return plan;
    }
    const { app, operation } = await client.call(deployApp, { body });
    if (!flags.wait) {
      this.log(`${app.name} is being deployed: see "cep apps show ${app.name}".`);
      return { app, operation };
    }
    await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const deployed = await named(() =>
      client.call(getApp, { params: { app: app.name }, query: { secrets: false } }),
    );
    this.announce(deployed);
    return { app: deployed, operation };
  }

  private announce(app: AppDetails): void {
    this.log(`${app.name} is running.`);
    for (const step of firstSteps(app)) this.log(`  ${step}`);
    if (app.domain) {
      const { name, problem } = app.domain;
      this.log(problem ?? `Hosts of ${app.network} also find it as ${name}.`);
    }
    this.log(`Next: cep apps logs ${app.name} --follow, cep apps show ${app.name} --secrets`);
  }
}

/** The network states the name of an app a moment after it runs. */
const NAMED_WITHIN_MS = 2_000;

async function named(ask: () => Promise<AppDetails>): Promise<AppDetails> {
  const deadline = Date.now() + NAMED_WITHIN_MS;
  for (;;) {
    const app = await ask();
    if (app.network === null || app.domain || Date.now() > deadline) return app;
    await sleep(100);
  }
}
