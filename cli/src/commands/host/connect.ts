import { cepHome } from '@cep/config/home';
import type { Bundle } from '@cep/contracts/bundle';
import { getHost } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import { createClient } from '@cep/http/client';
import * as Flags from '@oclif/core/flags';
import { stageConfig } from '../../agent/config-file.ts';
import { type Enrolment, enrol, findEnrolment } from '../../agent/enrolment.ts';
import { type HostFolder, hostFolder } from '../../agent/host-folder.ts';
import { untilNamed, wantResolver } from '../../agent/names/names-state.ts';
import { checkPrivileges, findNebula } from '../../agent/nebula-program.ts';
import { startDetached, startHere } from '../../agent/start-host.ts';
import { expiryOf, statusOf } from '../../agent/status.ts';
import { findSupervisor } from '../../agent/supervisor-record.ts';
import { CepCommand } from '../../command.ts';
import { enrolmentCode } from '../../enrolment-code.ts';
import { hostArg, networkArg } from '../../names.ts';

/** From an address to answers at it; measured, it takes a second at most. */
const NAMED_WITHIN_MS = 3_000;

/** How long a server that is away may keep a machine from connecting. */
const ASK_MS = 3_000;

interface EnrolmentFlags {
  readonly code?: string | undefined;
  readonly pin?: string | undefined;
  readonly yes: boolean;
  readonly nebulaVersion: string;
}

export default class HostConnect extends CepCommand {
  static override summary = 'connect this machine to a network, as one of its hosts';
  static override description =
    'The first time the machine makes its keys, which never leave it, and exchanges the code for a certificate; where you are signed in no code is needed. Afterwards everything is on disk: it works without the server, and takes what the server has to say whenever it is reached. Needs root and nebula.';
  static override examples = [
    'sudo <%= config.bin %> <%= command.id %> home laptop --detach',
    'sudo <%= config.bin %> <%= command.id %> home laptop --server https://cloud.example:8443 --pin sha256:… --code XXXX-…',
  ];
  static override args = { network: networkArg, host: hostArg };
  static override flags = {
    code: Flags.string({ description: 'one-time code, see "cep host code"', helpValue: 'CODE' }),
    pin: Flags.string({
      description: 'accept exactly this certificate of the server',
      helpValue: 'FINGERPRINT',
    }),
    detach: Flags.boolean({
      char: 'd',
      description: 'go on in the background, until "cep host disconnect"',
      default: false,
    }),
    dns: Flags.boolean({
      description:
        'let the resolver of this machine know the names of the network; by default it does',
      allowNo: true,
    }),
    yes: Flags.boolean({
      description: 'accept the server’s certificate without asking',
      default: false,
    }),
  };

  async run() {
    const { args, flags } = await this.parse(HostConnect);
    const folder = hostFolder(cepHome(), args.network, args.host);
    const running = findSupervisor(folder);
    if (running) {
      this.log(`This machine is connected to ${args.network} already (process ${running.pid}).`);
      this.log(
        `To begin anew, as after "cep host delete": cep host disconnect ${args.network} ${args.host} --forget`,
      );
      return statusOf(folder);
    }
    checkPrivileges();
    const nebula = await findNebula(process.env);
    const enrolment = await this.findOrEnrol(folder, { ...flags, nebulaVersion: nebula.version });
    if (flags.dns !== undefined) wantResolver(folder, flags.dns);
    const bundle = enrolment.content;
    // One that has expired is renewed by the agent, and until then nebula would not take it.
    if (expiryOf(bundle) > new Date()) (await stageConfig({ folder, bundle, nebula })).discard();
    const announce = () => this.announce(bundle, flags.detach);
    const start = { root: this.config.root, folder, bundle, nebula, announce };
    await (flags.detach ? startDetached(start) : startHere(start));
    if (flags.detach) await this.announceNames(folder, bundle);
    return statusOf(folder);
  }

  /** A code that is not good, or not any more, keeps no machine from what it is already. */
  private async findOrEnrol(folder: HostFolder, flags: EnrolmentFlags): Promise<Enrolment> {
    const kept = await findEnrolment(folder);
    if (!kept) return this.enrol(folder, flags);
    if (flags.code === undefined) {
      return (await this.isStale(folder, kept)) ? this.enrol(folder, flags) : kept;
    }
    return this.enrol(folder, flags).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      this.log(`${error.message} This machine is ${folder.host} already, and goes on as that.`);
      return kept;
    });
  }

  /** Whether the host is known to have been deleted and made again: nobody would speak to this one. */
  private async isStale({ network, host }: HostFolder, kept: Enrolment): Promise<boolean> {
    const target = kept.server && (await this.target());
    if (!target?.token || target.url.origin !== kept.server?.url) return false;
    const { url, token, certificate } = target;
    const pinned = certificate && { pinned: certificate };
    const client = createClient({ url, token, ...pinned, signal: AbortSignal.timeout(ASK_MS) });
    const found = await client.call(getHost, { params: { network, host } }).catch(() => undefined);
    if (!found || found.id === kept.content.host.id) return false;
    this.log(`${host} was deleted and made again: this machine enrols anew.`);
    return true;
  }

  private async enrol(folder: HostFolder, flags: EnrolmentFlags): Promise<Enrolment> {
    const { network, host } = folder;
    const { code, pin, yes, nebulaVersion } = flags;
    const request = { network, host, code, pin, yes };
    const given = await enrolmentCode(request, await this.target(), () => this.connect());
    const proof = { code: given.code, nebulaVersion };
    return enrol(given, folder, proof, (seconds) =>
      this.log(
        `The server has much to do for machines at this address: trying again in ${seconds} s.`,
      ),
    );
  }

  private async announceNames(folder: HostFolder, { host, names }: Bundle): Promise<void> {
    if (names === undefined || !host.interface) return;
    const state = await untilNamed(folder, { withinMs: NAMED_WITHIN_MS });
    if (state?.hint) this.log(state.hint);
    if (state?.resolver)
      this.log(`Names lead to its hosts and apps: ${host.name}.${folder.network}`);
  }

  private announce({ network, host, version2 }: Bundle, detached: boolean): void {
    const addresses = [host.address, ...(version2 ? [version2.host.address] : [])];
    const names = addresses.map((each) => each.replace(/\/.*/, '')).join(' and ');
    this.log(`${host.name} is connected to ${network.name} as ${names}.`);
    this.log(
      detached
        ? `It goes on in the background: cep host status, cep host disconnect ${network.name} ${host.name}`
        : 'Ctrl-C disconnects.',
    );
  }
}
