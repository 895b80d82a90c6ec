import { endBackupSchedule, getBackupSchedule, setBackupSchedule } from '@cep/contracts/backups';
import * as Flags from '@oclif/core/flags';
import { describeSchedule } from '../../backups/describe.ts';
import { targetFlag } from '../../backups/names.ts';
import { CepCommand } from '../../command.ts';
import { appArg } from '../../names.ts';

const keepFlag = (description: string) =>
  Flags.integer({ description, default: 0, min: 0, max: 1000, helpValue: 'N' });

export default class BackupSchedule extends CepCommand {
  static override summary = 'back an app up regularly; show or end that';
  static override description =
    'With --every or --daily-at it is set, with --off ended, without any of them shown. What no --keep keeps is deleted after the next backup, but never a backup that somebody asked for; without any --keep all stay.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> wiki --daily-at 03:30 --keep-daily 7 --keep-weekly 4',
    '<%= config.bin %> <%= command.id %> wiki --every 6 --keep-last 8',
    '<%= config.bin %> <%= command.id %> wiki --off',
  ];
  static override args = { app: appArg };
  static override flags = {
    every: Flags.integer({ description: 'hours between backups', min: 1, helpValue: 'HOURS' }),
    'daily-at': Flags.string({
      description: 'time of day, UTC',
      helpValue: 'HH:MM',
      exclusive: ['every'],
    }),
    'keep-last': keepFlag('the newest of them'),
    'keep-daily': keepFlag('the newest of each of so many days'),
    'keep-weekly': keepFlag('the newest of each of so many weeks'),
    target: targetFlag,
    off: Flags.boolean({
      description: 'make none by itself any more',
      default: false,
      exclusive: ['every', 'daily-at'],
    }),
  };

  async run() {
    const { args, flags } = await this.parse(BackupSchedule);
    const { every: everyHours, 'daily-at': dailyAt, target } = flags;
    if (flags.off) {
      await this.call(endBackupSchedule, { params: args });
      this.log(`${args.app} is no more backed up by itself. Its backups stay.`);
      return args;
    }
    const isSet = everyHours !== undefined || dailyAt !== undefined;
    const schedule = await (isSet
      ? this.call(setBackupSchedule, {
          params: args,
          body: {
            ...(everyHours !== undefined && { everyHours }),
            ...(dailyAt !== undefined && { dailyAt }),
            ...(target !== undefined && { target }),
            keep: {
              last: flags['keep-last'],
              daily: flags['keep-daily'],
              weekly: flags['keep-weekly'],
            },
          },
        })
      : this.call(getBackupSchedule, { params: args }));
    this.log(describeSchedule(schedule));
    return schedule;
  }
}
