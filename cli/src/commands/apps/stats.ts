import { getUsage } from '@cep/contracts/usage';
import { CepCommand } from '../../command.ts';
import { appArg } from '../../names.ts';
import { table } from '../../table.ts';

export default class AppsStats extends CepCommand {
  static override summary = 'show what the services of an app use now';
  static override description =
    '100 % is one processor. Takes about two seconds: the engine looks twice.';
  static override examples = ['<%= config.bin %> <%= command.id %> postgres'];
  static override args = { app: appArg };

  async run() {
    const { args } = await this.parse(AppsStats);
    const reply = await this.call(getUsage, { params: args });
    this.log(
      table(
        reply.services,
        {
          SERVICE: ({ name }) => name,
          CPU: ({ cpuPercent }) => `${cpuPercent.toFixed(1)} %`,
          MEMORY: (each) => `${mebibytes(each.memoryBytes)} of ${mebibytes(each.memoryLimitBytes)}`,
          PROCESSES: ({ processes }) => String(processes),
          RECEIVED: ({ receivedBytes }) => mebibytes(receivedBytes),
          SENT: ({ sentBytes }) => mebibytes(sentBytes),
          READ: ({ readBytes }) => mebibytes(readBytes),
          WRITTEN: ({ writtenBytes }) => mebibytes(writtenBytes),
        },
        `Nothing of ${args.app} runs.`,
      ),
    );
    return reply;
  }
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
