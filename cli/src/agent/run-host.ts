import { existsSync } from 'node:fs';
import { stopSignal } from '@cep/config/stop-signal';
import { failure } from '../failure.ts';
import { startAgent } from './agent.ts';
import { stageConfig } from './config-file.ts';
import { openDebugAccess } from './debug-server.ts';
import { findEnrolment } from './enrolment.ts';
import { guard, guardApps, guardedOf, unguard } from './guard.ts';
import type { HostFolder } from './host-folder.ts';
import { adoptNextKey } from './keys.ts';
import { READY, superviseNebula } from './nebula-process.ts';
import { findNebula } from './nebula-program.ts';
import { becomeSupervisor, retire } from './supervisor-record.ts';

interface Running {
  readonly folder: HostFolder;
  /** Path of the program. */
  readonly nebula: string;
  readonly log: (line: string) => void;
}

/**
 * Runs the host in this process until SIGINT or SIGTERM.
 *
 * @returns false, at once, when another process runs it already
 * @throws {CLIError} when this machine is not enrolled as the host, and without nebula
 */
export async function runHost(running: Running): Promise<boolean> {
  const { folder, log } = running;
  if (becomeSupervisor(folder)) return false;
  const stopping = new AbortController();
  void stopSignal().then(() => stopping.abort());
  const enrolment = await findEnrolment(folder);
  if (!enrolment) throw failure(`This machine is not enrolled as ${folder.host}.`);
  const guarded = guardedOf(enrolment.content);
  try {
    if (guarded && !(await guard(guarded))) log(UNGUARDED);
    await guardApps();
    await run(running, stopping.signal);
  } finally {
    const last = (await findEnrolment(folder).catch(() => undefined)) ?? enrolment;
    const left = guardedOf(last.content);
    if (left) await unguard(left);
    retire(folder);
  }
  return true;
}

async function run({ folder, nebula: path, log }: Running, stop: AbortSignal): Promise<void> {
  const enrolment = await findEnrolment(folder);
  if (!enrolment) return;
  const nebula = await findNebula({ CEP_NEBULA: path });
  const { content, server } = enrolment;
  adoptNextKey(folder.path, content.certificate);
  const debug = await openDebugAccess(folder.path);
  // Also with a file that nebula does not take, as when the certificate has expired: the control
  // plane may have a better one.
  const configure = async () => {
    const bundle = agent?.content() ?? content;
    const staged = await stageConfig({ folder, bundle, nebula, debug, server });
    staged.use();
    staged.settle();
  };
  let agent: ReturnType<typeof startAgent> | undefined;
  const refused = await configure().then(
    () => undefined,
    (error: Error) => error.message,
  );
  const process = superviseNebula({
    ...{ nebula: nebula.path, folder, stop },
    // Without any file there is nothing to start; what kept it from being written may be over.
    async prepare() {
      if (existsSync(folder.config)) return;
      await configure();
      agent?.journal.note('bundle');
    },
    onCrash: (sentence) => agent?.journal.note('nebula', sentence),
    log(line) {
      log(line);
      if (READY.test(line)) agent?.journal.note('nebula');
    },
  });
  agent = startAgent({ folder, nebula, process, debug, log, server }, enrolment, stop);
  if (refused !== undefined) agent.journal.note('bundle', refused);
  await Promise.all([process.ended, agent.ended]);
}

const UNGUARDED =
  'iptables is not installed: machines on the same cable may reach the overlay address and the apps past the network';
