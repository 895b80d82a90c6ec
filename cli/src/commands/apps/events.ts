import { type Happening, watchHappenings } from '@cep/contracts/happenings';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseSince } from '../../apps/since.ts';
import { CepCommand } from '../../command.ts';
import { sinceFlag } from '../../names.ts';

export default class AppsEvents extends CepCommand {
  static override summary = 'show what happened to the containers of your apps';
  static override description =
    'Of the last hour, as far as the engine remembers. With --json every line is one JSON object.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --follow',
    '<%= config.bin %> <%= command.id %> redis --since 10m',
  ];
  static override args = { app: Args.string({ description: 'only of this app' }) };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on until Ctrl-C', default: false }),
    since: sinceFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppsEvents);
    const client = await this.connect();
    const since = flags.since === undefined ? {} : { since: parseSince(flags.since, new Date()) };
    const app = args.app === undefined ? {} : { app: args.app };
    const query = { follow: flags.follow, ...since, ...app };
    for await (const each of await client.stream(watchHappenings, { query })) this.print(each);
  }

  private print(each: Happening): void {
    const code = each.exitCode === null ? '' : ` with code ${each.exitCode}`;
    const line = `${each.at}  ${each.app}/${each.service}  ${each.what}${code}`;
    process.stdout.write(`${this.jsonEnabled() ? JSON.stringify(each) : line}\n`);
  }
}
