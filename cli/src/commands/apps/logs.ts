import { type LogLine, readLogs } from '@cep/contracts/logs';
import * as Flags from '@oclif/core/flags';
import { parseSince } from '../../apps/since.ts';
import { CepCommand } from '../../command.ts';
import { appArg, sinceFlag } from '../../names.ts';
import { printable } from '../../printable.ts';

export default class AppsLogs extends CepCommand {
  static override summary = 'show what the services of an app print';
  static override description =
    'What a service prints on standard error goes to standard error. With --json every line is one JSON object.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> redis --follow',
    '<%= config.bin %> <%= command.id %> redis --since 10m --service redis',
  ];
  static override args = { app: appArg };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on until Ctrl-C', default: false }),
    tail: Flags.integer({
      description: 'begin with so many of the last lines of each service',
      min: 0,
      max: 10_000,
      default: 200,
    }),
    since: sinceFlag,
    service: Flags.string({ description: 'only this service', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(AppsLogs);
    const { follow, tail, service } = flags;
    const since = flags.since === undefined ? {} : { since: parseSince(flags.since, new Date()) };
    const client = await this.connect();
    const lines = await client.stream(readLogs, {
      params: args,
      query: { follow, tail, ...since, ...(service !== undefined && { service }) },
    });
    for await (const line of lines) this.print(line);
  }

  private print(line: LogLine): void {
    if (this.jsonEnabled()) {
      process.stdout.write(`${JSON.stringify(line)}\n`);
      return;
    }
    // To a file or a program everything goes as it was printed.
    const text = process[line.stream].isTTY ? printable(line.text) : line.text;
    process[line.stream].write(`${line.service} | ${text}\n`);
  }
}
