import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { runInApp } from '../../apps/execution.ts';
import { CepCommand } from '../../command.ts';
import { wrongUsage } from '../../failure.ts';
import { appArg } from '../../names.ts';

export default class AppsExec extends CepCommand {
  static override summary = 'run a program in a container of an app';
  static override description =
    'What stands after -- is run as it is, by no shell; nothing there means sh. In a terminal it has one too. It ends with the code of the program.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki',
    '<%= config.bin %> <%= command.id %> redis -- redis-cli ping',
    '<%= config.bin %> <%= command.id %> wiki database --no-terminal -- pg_dumpall > dump.sql',
  ];
  static override enableJsonFlag = false;
  static override args = {
    app: appArg,
    service: Args.string({ description: 'the first of the app when left out' }),
  };
  static override flags = {
    terminal: Flags.boolean({
      description: 'give it a terminal; the default when there is one here',
      allowNo: true,
    }),
  };

  async run(): Promise<void> {
    const at = this.argv.indexOf('--');
    const own = at < 0 ? this.argv : this.argv.slice(0, at);
    const command = at < 0 ? ['sh'] : this.argv.slice(at + 1);
    if (command.length === 0) throw wrongUsage('Say what to run after --.');
    // What is to be run is nobody else's to read.
    this.argv = own;
    const { args, flags } = await this.parse(AppsExec);
    const isTerminal = flags.terminal ?? (process.stdin.isTTY === true && process.stdout.isTTY);
    const { app, service } = args;
    process.exitCode = await runInApp(await this.connect(), {
      ...{ app, command, isTerminal: isTerminal === true },
      ...(service !== undefined && { service }),
    });
  }
}
