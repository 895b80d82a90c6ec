import { findEnrolment } from './enrolment.ts';
import { guardedOf, unguard } from './guard.ts';
import type { HostFolder } from './host-folder.ts';
import { leaveResolver } from './names/keep-names.ts';
import { endStrays } from './nebula-process.ts';
import { end } from './processes.ts';
import { findSupervisor, retire } from './supervisor-record.ts';

/** A supervisor gives nebula three seconds, and then itself ends at once. */
const PATIENCE_MS = 5_000;

/** Stops a host on this machine, and whatever a killed supervisor left; @returns whether any ran. */
export async function stopHost(folder: HostFolder): Promise<boolean> {
  const supervisor = findSupervisor(folder);
  if (supervisor) await end(supervisor, PATIENCE_MS);
  const ran = supervisor !== undefined;
  await endStrays(folder);
  const enrolment = await findEnrolment(folder);
  const guarded = enrolment && guardedOf(enrolment.content);
  if (guarded) await unguard(guarded);
  leaveResolver(folder);
  retire(folder);
  return ran;
}
