/** What somebody should look at, before it fails. Pure. */
import type { Host } from '@cep/contracts/hosts';
import type { Finding } from '@cep/nebula/lint';

/** Agents renew when a third of the lifetime is left: with less than this much, one did not. */
const LATE = 1 / 4;

interface Given {
  /** Of the newest certificate. */
  readonly issuedAt: Date | null;
  /** Whether others were revoked since then, of which a host that is not live has not heard. */
  readonly revokedSince: boolean;
  /** What would break its nebula. */
  readonly findings?: readonly Finding[];
}

/** @returns sentences for people; none for a host that is as it should be */
export function warningsOf(host: Omit<Host, 'warnings'>, given: Given, now: Date): string[] {
  if (!host.live) return archiveWarnings(host, given, now);
  const { state, address6, certificate, agent, bundleVersion } = host;
  const { issuedAt, findings = [] } = given;
  if (state !== 'enrolled' || certificate === null || issuedAt === null) return [];
  const warnings = findings.map(({ reason, wayOut }) => `${reason} ${wayOut}`);
  if (address6 !== null && !certificate.versions.includes(2)) {
    const which = agent.nebulaVersion === null ? 'nebula' : `nebula ${agent.nebulaVersion}`;
    warnings.push(`It has no IPv6 with ${which}: install 1.10 or later.`);
  }
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

/** One that is not live does nothing by itself: each sentence says what to do for it. */
function archiveWarnings(
  { state, name, network, certificate }: Omit<Host, 'warnings'>,
  { issuedAt, revokedSince }: Given,
  now: Date,
): string[] {
  if (state !== 'enrolled') return [];
  const remedy = `make another archive with "cep host bundle ${network} ${name}"`;
  if (certificate === null || issuedAt === null) {
    return [`The certificate in its archive is trusted no longer: ${remedy}.`];
  }
  const end = Date.parse(certificate.expiresAt);
  const leftMs = end - now.getTime();
  const warnings: string[] = [];
  if (leftMs <= 0) {
    warnings.push(`Its certificate expired on ${certificate.expiresAt}: ${remedy}.`);
  } else if (leftMs < (end - issuedAt.getTime()) * LATE) {
    warnings.push(`Its certificate expires on ${certificate.expiresAt}: ${remedy}.`);
  }
  if (revokedSince) {
    warnings.push(`It has not heard of hosts that were revoked, and accepts them: ${remedy}.`);
  }
  return warnings;
}
