import { networkInterfaces } from 'node:os';
import type { Bundle } from '@cep/contracts/bundle';
import { fingerprint, parseCertificate, parseCertificates } from '@cep/nebula/certificates';
import type { HostSettings } from '@cep/nebula/host-settings';
import { openBundle } from './bundle.ts';
import { checkClaims } from './claims.ts';
import { type StagedConfig, stageConfig } from './config-file.ts';
import type { DebugAccess } from './debug-server.ts';
import { type Enrolment, type ServerAddress, stageEnrolment } from './enrolment.ts';
import { guard, guardedOf } from './guard.ts';
import type { HostFolder } from './host-folder.ts';
import { adoptNextKey } from './keys.ts';
import { leaveAuthorities } from './leave-authorities.ts';
import { type NebulaProcess, READY, type Talk } from './nebula-process.ts';
import type { NebulaProgram } from './nebula-program.ts';
import { nebulaSettings } from './nebula-settings.ts';
import { refusalAmong } from './refusal.ts';
import { needOf } from './reload-needs.ts';
import { closeStale, guidesOf } from './stale-tunnels.ts';
import { ownFingerprint } from './tunnels.ts';

export interface RunningHost {
  readonly folder: HostFolder;
  readonly nebula: NebulaProgram;
  readonly process: NebulaProcess;
  readonly debug: DebugAccess;
  readonly server?: ServerAddress | undefined;
  readonly log: (line: string) => void;
}

/** From a reload, or a start, to nebula's debug server. */
const TAKEN_WITHIN_MS = 3_000;

export interface Applied {
  /** The same as before for a bundle that is in use already, or that nebula does not run with. */
  readonly inUse: Enrolment;
  /** Version of the newest bundle that was tried: it need not be sent again. */
  readonly tried: number;
  /** Why the newest is not the one in use. */
  readonly problem?: string;
}

/**
 * Makes nebula run what a bundle says. When it does not, the file before is put back, and nebula
 * runs as before.
 *
 * @throws {CLIError} for a bundle that is not to be trusted, or that nebula would not start with:
 *   nothing was changed, and it may be tried again
 */
export async function applyBundle(
  host: RunningHost,
  current: Enrolment,
  bundle: string,
): Promise<Applied> {
  const { folder, nebula } = host;
  const { bundleKey } = current;
  const content = await openBundle({ bundle, bundleKey }, { ...folder, current: current.content });
  checkClaims(content, networkInterfaces());
  const tried = content.version;
  if (tried === current.content.version) return { inUse: current, tried };
  const inUse = { ...current, bundle, content };
  const kept = stageEnrolment(folder, inUse);
  try {
    const [from, to] = [current.content, content].map((each) =>
      nebulaSettings(each, nebula.version),
    ) as [HostSettings, HostSettings];
    const need = needOf(from, to, nebula.version);
    if (need !== 'nothing') {
      const problem = await change(host, { need, content, before: current.content });
      if (problem !== undefined) return { inUse: current, tried, problem };
    }
    kept.commit();
  } finally {
    kept.discard();
  }
  adoptNextKey(folder.path, content.certificate);
  return { inUse, tried };
}

interface Step {
  readonly need: 'reload' | 'restart';
  readonly content: Bundle;
  readonly before: Bundle;
}

/**
 * Reloads; where that is not enough starts anew; where nebula does not come back undoes it.
 *
 * @returns why it was undone
 */
async function change(host: RunningHost, step: Step): Promise<string | undefined> {
  const { process, log } = host;
  const staged = await stageConfig({ ...host, bundle: step.content });
  await takeLeave(host, step);
  await guardNewAddress(step);
  staged.use();
  if (step.need === 'reload') {
    const refused = await judge(host, await process.hangUp(), step);
    if (refused === undefined) {
      if (hasMoreBlocked(step)) await checkFlows(host, staged);
      return staged.settle();
    }
    log(`nebula did not take the new configuration (${refused}): it is started anew`);
  }
  const failed = await judge(host, await process.restart(), { ...step, need: 'restart' });
  if (failed === undefined) return staged.settle();
  staged.undo();
  (await process.restart())[Symbol.dispose]();
  return `Nebula did not run with version ${step.content.version}, so version ${step.before.version} was put back: ${failed}.`;
}

/** Before the interface has it. */
async function guardNewAddress({ content, before }: Step): Promise<void> {
  const guarded = guardedOf(content);
  if (guarded?.address6 === guardedOf(before)?.address6) return;
  if (guarded) await guard(guarded);
}

/**
 * What nebula once let in goes on, also when its peer has come back with a certificate that has not
 * the group any more. Before its tunnel was closed it would have passed, so it is checked after that.
 */
async function checkFlows({ process }: RunningHost, staged: StagedConfig): Promise<void> {
  staged.renew();
  const talk = await process.hangUp();
  await talk.hears(READY, TAKEN_WITHIN_MS);
  talk[Symbol.dispose]();
}

const hasMoreBlocked = ({ content, before }: Step): boolean =>
  content.blocklist.some((each) => !before.blocklist.includes(each));

/** Which may be refused by now, and goes on for seconds ({@link closeStale}). */
const IN_VAIN = 'it shakes hands with the certificate of before';

/** @returns why nebula does not run what it should; undefined when it does */
async function judge(host: RunningHost, talk: Talk, step: Step): Promise<string | undefined> {
  const { certificate } = step.content;
  const wanted = fingerprint(parseCertificate(certificate));
  try {
    if (!(await talk.hears(READY, TAKEN_WITHIN_MS))) return 'it does not answer';
    const complaint = await host.debug.session(async (ask) => {
      const shown = await ownFingerprint(ask);
      if (shown !== wanted) return `it shows the certificate ${shown}`;
      return (await closeStale(host, step, ask)) && step.need === 'reload' ? IN_VAIN : undefined;
    });
    return refusalAmong(talk.lines) ?? complaint;
  } catch (error) {
    return (error as Error).message;
  } finally {
    talk[Symbol.dispose]();
  }
}

/** Not in a hurry: whom an emergency or a revocation concerns is not waited for. */
async function takeLeave({ debug, log }: RunningHost, step: Step): Promise<void> {
  const { content, before } = step;
  const trusted = authoritiesOf(content);
  const { issuer } = parseCertificate(before.certificate);
  if (!trusted.includes(issuer) || hasMoreBlocked(step)) return;
  if (authoritiesOf(before).every((each) => trusted.includes(each))) return;
  const { address, lighthouse } = content.host;
  const own = address.split('/')[0] ?? '';
  const leaving = { trusted, own, lighthouse, guides: guidesOf(content) };
  await debug
    .session((ask) => leaveAuthorities(ask, leaving))
    .catch((error: Error) => log(`peers were not met anew: ${error.message}`));
}

const authoritiesOf = ({ authorities, version2 }: Bundle): string[] =>
  parseCertificates(`${authorities}\n${version2?.authorities ?? ''}`).map(fingerprint);
