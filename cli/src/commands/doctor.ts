import { CepCommand } from '../command.ts';
import { checkEngines } from '../doctor/engines.ts';
import { checkMachine } from '../doctor/machine.ts';
import { checkServer } from '../doctor/server.ts';
import { EXIT } from '../failure.ts';
import { table } from '../table.ts';

export default class Doctor extends CepCommand {
  static override summary = 'say what is missing, on this machine and on the server';
  static override description = 'Ends with 1 when something is missing, and says how to get it.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run() {
    const target = await this.target();
    const checked = await Promise.all([
      checkMachine(process.env, target),
      checkServer(target),
      target?.token ? checkEngines(await this.connect()) : [],
    ]);
    const findings = checked.flat();
    this.log(
      table(findings, {
        PART: ({ name }) => name,
        STATE: ({ state }) => state,
        DETAIL: ({ detail }) => detail,
        'WHAT TO DO': ({ next }) => next ?? '',
      }),
    );
    if (findings.some(({ state }) => state !== 'ok')) process.exitCode = EXIT.failed;
    return { findings };
  }
}
