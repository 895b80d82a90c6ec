import type { Bundle } from '@cep/contracts/bundle';
import { getHost } from '@cep/contracts/hosts';
import * as Flags from '@oclif/core/flags';
import { expiryOf } from '../../agent/status.ts';
import { toConfig, toTexts } from '../../archives/contents.ts';
import { describeArchive, FORMATS, type Format, folderOf } from '../../archives/describe.ts';
import { makeFile, type NewFile } from '../../archives/new-file.ts';
import { obtain } from '../../archives/obtain.ts';
import { packTexts } from '../../archives/tar.ts';
import { confirm } from '../../ask.ts';
import { CepCommand } from '../../command.ts';
import { enrolmentCode } from '../../enrolment-code.ts';
import { failure } from '../../failure.ts';
import { hostArg, networkArg, yesFlag } from '../../names.ts';

const nebulaVersionFlag = Flags.custom<string>({
  async parse(word) {
    if (/^1\.\d+(\.\d+)?$/.test(word)) return word;
    throw failure(`"${word}" is no version of nebula: write what "nebula -version" says there.`);
  },
});

export default class HostBundle extends CepCommand {
  static override summary = 'make a file with which a phone or any plain nebula is a host';
  static override description =
    'For what cannot run cep. The private key is made here and is in the file alone; the server never has it. The host is not live: it hears of no change, and its certificate is renewed by making and installing another file in time.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> home phone --format yaml',
    '<%= config.bin %> <%= command.id %> home router --output /media/usb/router.tar.gz',
    '<%= config.bin %> <%= command.id %> home router --nebula-version 1.11.0',
    '<%= config.bin %> <%= command.id %> home phone --server https://cloud.example:8443 --pin sha256:… --code XXXX-…',
  ];
  static override args = { network: networkArg, host: hostArg };
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'file to make; NETWORK-HOST.tar.gz here if absent, or .yml',
      helpValue: 'FILE',
    }),
    format: Flags.string({
      description: 'archive: for any nebula; yaml: one file, for the apps of phones',
      options: ['archive', 'yaml'],
      default: 'archive',
    }),
    'nebula-version': nebulaVersionFlag({
      description: 'of the nebula that is to run it, as 1.11.0; from 1.10 on it has IPv6',
      helpValue: 'VERSION',
    }),
    'revoke-earlier': Flags.boolean({
      description: 'end the files made before at once, as when one was lost',
      default: false,
    }),
    code: Flags.string({ description: 'one-time code, see "cep host code"', helpValue: 'CODE' }),
    pin: Flags.string({
      description: 'accept exactly this certificate of the server',
      helpValue: 'FINGERPRINT',
    }),
    yes: yesFlag,
  };

  async run() {
    const { args, flags } = await this.parse(HostBundle);
    const format = flags.format as Format;
    const { network, host } = args;
    if (flags.code === undefined && !flags.yes) await this.checkMachine(args);
    const file = flags.output ?? `${network}-${host}.${FORMATS[format]}`;
    const made = makeFile(file);
    const bundle = await this.fill(made, format).catch((error: unknown) => {
      made.discard();
      throw error;
    });
    this.log(describeArchive({ file, format, bundle }, new Date()));
    const { address } = bundle.host;
    const address6 = bundle.version2?.host.address ?? null;
    const certificateExpiresAt = expiryOf(bundle).toISOString();
    return { network, host, file, format, address, address6, certificateExpiresAt };
  }

  private async fill(made: NewFile, format: Format): Promise<Bundle> {
    const { args, flags } = await this.parse(HostBundle);
    const { code, pin, yes } = flags;
    const wanted = { ...args, code, pin, yes };
    const given = await enrolmentCode(wanted, await this.target(), () => this.connect());
    const portable = await obtain(given.client, {
      ...{ ...args, code: given.code },
      revokeEarlier: flags['revoke-earlier'],
      nebulaVersion: flags['nebula-version'],
    });
    const { bundle } = portable;
    const isConfig = format === 'yaml';
    made.write(
      isConfig
        ? Buffer.from(toConfig(portable))
        : await packTexts(folderOf(bundle), toTexts(portable)),
    );
    return bundle;
  }

  /** A machine that is connected as the host is one no longer. */
  private async checkMachine(params: { network: string; host: string }): Promise<void> {
    const { state, live, name } = await this.call(getHost, { params });
    if (state !== 'enrolled' || !live) return;
    await confirm(
      `A machine is connected as "${name}". The file takes its place, and the machine is cut off. Go on?`,
      `A machine is connected as "${name}", and the file would take its place: make another host, or add --yes.`,
    );
  }
}
