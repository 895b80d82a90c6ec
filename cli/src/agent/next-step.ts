import { Problem, type ProblemCode } from '@cep/contracts/problems';
import type { HostFolder } from './host-folder.ts';

/** The server knows this machine no longer: asking again will not help. */
const GONE: ReadonlySet<ProblemCode> = new Set(['not-signed-in', 'host-revoked']);

/** Why there is no connection to the control plane, and what somebody has to do about it. */
export function becauseOf(
  error: Error,
  { network, host }: Pick<HostFolder, 'network' | 'host'>,
): string {
  if (!(error instanceof Problem) || !GONE.has(error.code)) return error.message;
  const names = `${network} ${host}`;
  return `${error.message} To be ${host} again, begin anew: cep host disconnect ${names} --forget, then cep host connect ${names}.`;
}
