import { destroyApp, listApps } from '@cep/contracts/apps';
import type { Client } from '@cep/http/client';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { waitFor } from '../../apps/wait.ts';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { describeFailure } from '../../describe-failure.ts';
import { EXIT, wrongUsage } from '../../failure.ts';
import { yesFlag } from '../../names.ts';

export default class AppsDestroy extends CepCommand {
  static override summary = 'destroy an app; its volumes are kept unless --volumes is given';
  static override description =
    'Its containers go, and nothing is lost: the same name deployed again finds its volumes. With --volumes the data goes too, which cannot be undone and is therefore asked about.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis',
    '<%= config.bin %> <%= command.id %> redis --volumes --yes',
    '<%= config.bin %> <%= command.id %> --all',
  ];
  static override args = { app: Args.string({ description: 'name of the app' }) };
  static override flags = {
    all: Flags.boolean({
      description: 'every app of the project, one after the other',
      default: false,
    }),
    volumes: Flags.boolean({ description: 'destroy its data as well', default: false }),
    wait: Flags.boolean({ description: 'wait until it is gone', default: true, allowNo: true }),
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(AppsDestroy);
    const { app } = args;
    if ((app === undefined) !== flags.all) {
      throw wrongUsage('Name the app to destroy, or say --all; one of the two.');
    }
    const client = await this.connect();
    if (app === undefined) return this.destroyAll(client, flags);
    if (flags.volumes && !flags.yes) {
      await confirm(
        `Destroy "${app}" and all of its data for good?`,
        `Add --yes to destroy the data of "${app}" without asking.`,
      );
    }
    return this.destroy(client, app, flags);
  }

  private async destroy(client: Client, app: string, { volumes, wait }: Wish) {
    const { operation } = await client.call(destroyApp, { params: { app }, query: { volumes } });
    if (wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const kept = volumes ? '' : ' Its volumes are kept.';
    this.log(wait ? `${app} is destroyed.${kept}` : `${app} is being destroyed.${kept}`);
    return { app, operation };
  }

  /** One that cannot be destroyed holds up no other. */
  private async destroyAll(client: Client, wish: Wish) {
    const { apps } = await client.call(listApps, {});
    const names = apps.map(({ name }) => name);
    if (names.length === 0) this.log('There are no apps.');
    if (names.length > 0 && !wish.yes) {
      const data = wish.volumes ? ' and all of their data for good' : '';
      await confirm(
        `Destroy ${names.join(', ')}${data}?`,
        'Add --yes to destroy every app of the project without asking.',
      );
    }
    const results: { app: string; failure: string | null }[] = [];
    for (const app of names) {
      const failure = await this.destroy(client, app, wish).then(() => null, sentenceOf);
      if (failure !== null) process.stderr.write(`${app} is not destroyed: ${failure}\n`);
      results.push({ app, failure });
    }
    if (results.some(({ failure }) => failure !== null)) process.exitCode = EXIT.failed;
    return { results };
  }
}

interface Wish {
  readonly volumes: boolean;
  readonly wait: boolean;
  readonly yes: boolean;
}

const sentenceOf = (error: unknown): string =>
  describeFailure(error instanceof Error ? error : new Error(String(error))).sentence;
