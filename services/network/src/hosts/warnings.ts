/** What somebody should look at, before it fails. Pure. */
import type { Host } from '@cep/contracts/hosts';

/** Agents renew when a third of the lifetime is left: with less than this much, one did not. */
const LATE = 1 / 4;

/**
 * @param issuedAt  of the newest certificate
 * @returns sentences for people; none for a host that is as it should be
 */
export function warningsOf(
  { state, certificate, agent, bundleVersion }: Omit<Host, 'warnings'>,
  issuedAt: Date | null,
  now: Date,
): string[] {
  if (state !== 'enrolled' || certificate === null || issuedAt === null) return [];
  const warnings: string[] = [];
  const end = Date.parse(certificate.expiresAt);
  const leftMs = end - now.getTime();
  if (leftMs <= 0) {
    warnings.push(`Its certificate expired on ${certificate.expiresAt}: connect the host.`);
  } else if (leftMs < (end - issuedAt.getTime()) * LATE) {
    const why = agent.connected ? 'is not being renewed' : 'cannot be renewed while it is away';
    warnings.push(`Its certificate expires on ${certificate.expiresAt} and ${why}.`);
  }
  if (agent.problem !== null) warnings.push(`It says: ${agent.problem}`);
  if (agent.connected && agent.bundleVersion !== null && agent.bundleVersion < bundleVersion) {
    warnings.push(`It runs version ${agent.bundleVersion}; the newest is ${bundleVersion}.`);
  }
  return warnings;
}
