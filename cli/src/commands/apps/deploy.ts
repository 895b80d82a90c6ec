import { type AppDetails, deployApp, getApp } from '@cep/contracts/apps';
import { planDeployment } from '@cep/contracts/plans';
import * as Flags from '@oclif/core/flags';
import { firstSteps, welcomeLines } from '../../apps/describe.ts';
import { describePlan } from '../../apps/plan.ts';
import { settled } from '../../apps/settled.ts';
import { sourceArg, sourceFlags, toSource } from '../../apps/source.ts';
import { waitFor } from '../../apps/wait.ts';
import { CepCommand } from '../../command.ts';
import { dryRunFlag } from '../../names.ts';
import { poolsFlag } from '../../storage/names.ts';
import { parsePools } from '../../storage/pools.ts';

export default class AppsDeploy extends CepCommand {
  static override summary =
    'deploy an app from the store or a compose file, and wait until it runs';
  static override description =
    'A path such as ./compose.yaml is a file of your own; "cep apps render" shows what it would run. With --network the app is reached at the address that its engine’s machine has on that network, else from that machine only. --on places it on another engine ("cep engine list"), and --pool its volumes in another folder of that ("cep storage pool list"); there they stay. Typed again it goes on where it was: it never makes a second app of the same name.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis --network home',
    '<%= config.bin %> <%= command.id %> postgres --name orders --set DATABASE=orders',
    '<%= config.bin %> <%= command.id %> postgres --on barn --network home',
    '<%= config.bin %> <%= command.id %> postgres --pool fast',
    '<%= config.bin %> <%= command.id %> nginx --dry-run',
    '<%= config.bin %> <%= command.id %> ./compose.yaml --name shop --network home --set TITLE=Shop',
    '<%= config.bin %> <%= command.id %> redis --set PASSWORD=@secret.txt',
    '<%= config.bin %> <%= command.id %> ./vpn.yaml --grant capability:NET_ADMIN --reason "makes a tunnel"',
    '<%= config.bin %> <%= command.id %> nginx --no-wait --json',
  ];
  static override args = { template: sourceArg };
  static override flags = {
    ...sourceFlags,
    pool: poolsFlag,
    'dry-run': dryRunFlag,
    wait: Flags.boolean({ description: 'wait until it runs', default: true, allowNo: true }),
  };

  async run() {
    const { args, flags } = await this.parse(AppsDeploy);
    const client = await this.connect();
    const body = { ...(await toSource(args.template, flags)), ...parsePools(flags.pool) };
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
    const input = { params: { app: app.name }, query: { secrets: false } };
    const deployed = await settled(() => client.call(getApp, input));
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
    for (const line of welcomeLines(app)) this.log(line);
    this.log(`Next: cep apps logs ${app.name} --follow, cep apps show ${app.name} --secrets`);
  }
}
