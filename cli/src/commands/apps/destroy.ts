import { destroyApp } from '@cep/contracts/apps';
import * as Flags from '@oclif/core/flags';
import { waitFor } from '../../apps/wait.ts';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { appArg, yesFlag } from '../../names.ts';

export default class AppsDestroy extends CepCommand {
  static override summary = 'destroy an app; its volumes are kept unless --volumes is given';
  static override description =
    'Its containers go, and nothing is lost: the same name deployed again finds its volumes. With --volumes the data goes too, which cannot be undone and is therefore asked about.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis',
    '<%= config.bin %> <%= command.id %> redis --volumes --yes',
  ];
  static override args = { app: appArg };
  static override flags = {
    volumes: Flags.boolean({ description: 'destroy its data as well', default: false }),
    wait: Flags.boolean({ description: 'wait until it is gone', default: true, allowNo: true }),
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(AppsDestroy);
    const { app } = args;
    const { volumes } = flags;
    if (volumes && !flags.yes) {
      await confirm(
        `Destroy "${app}" and all of its data for good?`,
        `Add --yes to destroy the data of "${app}" without asking.`,
      );
    }
    const client = await this.connect();
    const { operation } = await client.call(destroyApp, { params: { app }, query: { volumes } });
    if (flags.wait) await waitFor({ client, operation, quiet: this.jsonEnabled() });
    const kept = volumes ? '' : ' Its volumes are kept.';
    this.log(flags.wait ? `${app} is destroyed.${kept}` : `${app} is being destroyed.${kept}`);
    return { app, operation };
  }
}
