/** Turns what the engine says into a reason: a stable code, a sentence, and what to do about it. */
import type { Reason } from '@cep/contracts/apps';
import { Problem } from '@cep/contracts/problems';
import { LOCAL } from '../engines/local.ts';
import type { Action } from '../reconciler/step.ts';
import type { Refusal } from './policy.ts';

type Code = Reason['code'];

const reason = (code: Code, message: string, next: string): Reason => ({ code, message, next });

/** What cannot be done because the policy does not allow it. */
export const refused = (refusal: Refusal): Error =>
  Object.assign(new Error(`${refusal.message} (${refusal.rule})`), { refusal });

/** What has failed for a reason that is known where it was found. */
export class Failure extends Error {
  readonly reason: Reason;

  constructor(known: Reason) {
    super(known.message);
    this.reason = known;
  }
}

const refusalOf = (error: unknown): Refusal | undefined => (error as { refusal?: Refusal }).refusal;

/** The engine's own sentence, without what the client puts around it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { json } = error as { json?: { message?: unknown } };
  const message = typeof json?.message === 'string' ? json.message : error.message;
  return message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}

export const statusOf = (error: unknown): number | undefined =>
  (error as { statusCode?: number }).statusCode;

const AWAY =
  /^(ECONNREFUSED|ENOENT|ECONNRESET|EPIPE|EACCES|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EPROTO|(ERR_(SSL|TLS)|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_.+)$/;

/** Since when an engine is not reached, and why, in its connection's own words. */
export interface Lost {
  /** Its name. */
  readonly engine: string;
  readonly since: Date;
  readonly why: string;
}

/** What is asked of an engine that is not reached. */
export class EngineAway extends Error {
  override readonly name = 'EngineAway';
  readonly lost: Lost;

  constructor(lost: Lost, cause?: unknown) {
    super(`the engine ${lost.engine} is not reached: ${lost.why}`, { cause });
    this.lost = lost;
  }
}

/** Whether the engine was not reached at all. */
export function isAway(error: unknown): boolean {
  if (error instanceof EngineAway) return true;
  const { code } = error as NodeJS.ErrnoException;
  return (
    AWAY.test(code ?? '') || (statusOf(error) === undefined && /hang up/.test(messageOf(error)))
  );
}

const START_IT =
  'Start it there, e.g. "systemctl start docker", or run "cep doctor"; cep then goes on by itself.';

/** Nothing is known to be wrong with what runs there: it is not seen, that is all. */
export function engineUnavailable({ engine, since, why }: Lost): Reason {
  const where = engine === LOCAL ? 'the machine that runs the apps' : `the engine "${engine}"`;
  const time = since.toISOString().replace('T', ' ').slice(0, 19);
  const sentence = `Docker is not reached on ${where} since ${time} UTC: ${why}.`;
  return reason('engine-unavailable', sentence, START_IT);
}

/** @param error  that {@link isAway} */
const awayReason = (error: unknown): Reason =>
  engineUnavailable(
    error instanceof EngineAway
      ? error.lost
      : { engine: LOCAL, since: new Date(), why: messageOf(error) },
  );

const NOT_FOUND = /not found|manifest unknown|does not exist|access denied|invalid reference/i;
const BUSY = /toomanyrequests|too many requests|rate limit|\b429\b/i;
const PORT_TAKEN = /port is already allocated|address already in use/i;
const ADDRESS_MISSING = /cannot assign requested address/i;
const NO_PROGRAM =
  /exec: "((?:[^"\\]|\\.)*)": .*(?:executable file not found|no such file|permission denied|is a directory)/i;

/** The folder of a volume in a pool, whose disk is away. */
const NO_MOUNT = /failed to mount local volume/i;

/** Whether somebody says that a disk, or what is allowed of one, is full; S3 has words of its own. */
export const isFull = (text: string): boolean =>
  /no space left on device|disk quota exceeded|quotaexceeded|insufficient storage|storagefull/i.test(
    text,
  );

/** Whether a folder of the machine that a container is to have is not there. */
export const isNoFolder = (error: unknown): boolean =>
  /bind source path does not exist/i.test(messageOf(error));

/** Whether a start failed because somebody else listens on a port that it publishes. */
export const isPortTaken = (error: unknown): boolean => PORT_TAKEN.test(messageOf(error));

/** @returns the port that the engine says is taken, if it says which */
export function takenPort(error: unknown): number | undefined {
  const match = /:(\d+)(?: failed)?: (?:bind: )?(?:port is already|address already)/i.exec(
    messageOf(error),
  );
  return match ? Number(match[1]) : undefined;
}

/** For `catch`: what to go on with while the engine is not reached. Other failures stay failures. */
export const whenAway =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (isAway(error)) return instead;
    throw error;
  };

/** For requests that ask the engine: that it was not reached is no defect of ours. */
export function unavailable(error: unknown): never {
  if (!isAway(error)) throw error;
  const { message, next } = awayReason(error);
  throw new Problem('unavailable', `${message} ${next}`, { cause: error });
}

/** @param action  what was being done when `error` came */
export function reasonOf(error: unknown, action?: Action): Reason {
  const message = messageOf(error);
  if (error instanceof Failure) return error.reason;
  if (isAway(error)) return awayReason(error);
  const refusal = refusalOf(error);
  if (refusal) return reason('policy-refused', `${message}.`, refusal.remedy);
  if (isFull(message)) {
    return reason('no-space', message, 'Free some space on the disk of Docker, then deploy again.');
  }
  if (NO_MOUNT.test(message)) {
    const next = 'Mount its disk, and see "cep storage pool list"; cep then goes on by itself.';
    return reason('pool-unusable', `A volume is not where it was: ${message}`, next);
  }
  if (action?.do === 'pull') return pullReason(action.image, message);
  if (/no such image/i.test(message)) {
    const next = 'Pull it on the machine that runs the apps, or change its pull_policy.';
    return reason(
      'image-not-found',
      `An image is not there, and not to be pulled: ${message}`,
      next,
    );
  }
  if (PORT_TAKEN.test(message)) {
    const next = 'Stop what listens there, or deploy with another --set PORT=NUMBER.';
    const port = takenPort(error);
    const sentence = port ? `Port ${port} is in use by another program.` : message;
    return reason('port-taken', sentence, next);
  }
  const program = NO_PROGRAM.exec(message)?.[1];
  if (program !== undefined) return programReason(program);
  if (ADDRESS_MISSING.test(message)) {
    const next = 'Connect this machine to the network again with "cep host connect"; cep retries.';
    return reason('address-missing', 'The address of the app is not on this machine now.', next);
  }
  return reason('failed', message, 'Deploy again; if it persists, look at "cep apps logs".');
}

const programReason = (program: string): Reason =>
  reason(
    'program-not-found',
    `The image has no program "${program}" that can be run.`,
    'Look at its entrypoint and command with "cep apps render"; what needs a shell is [sh, -c, "…"].',
  );

function pullReason(image: string, message: string): Reason {
  if (NOT_FOUND.test(message)) {
    const next = 'Check the name and the tag, and whether it is public.';
    return reason('image-not-found', `There is no image ${image}: ${message}`, next);
  }
  if (BUSY.test(message)) {
    const next = 'Wait a while and try again; a registry allows more pulls to who is signed in.';
    return reason('registry-busy', `The registry gives no more of ${image} now: ${message}`, next);
  }
  const next = 'Check that this machine reaches the registry, then deploy again.';
  return reason('pull-failed', `${image} could not be pulled: ${message}`, next);
}

const MORE_MEMORY =
  'Give it more with "cep apps update", if its template has a parameter for that, or free some.';

interface Death {
  readonly service: string;
  readonly exitCode: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly lastLines: readonly string[];
}

/** Why a container is not running, in its own last words. */
export function deathReason(
  trouble: 'exited' | 'out-of-memory' | 'unhealthy' | 'paused',
  { service, exitCode, startedAt, finishedAt, lastLines }: Death,
): Reason {
  const words = lastLines.length > 0 ? `\n${lastLines.join('\n')}` : '';
  const next = `See "cep apps logs"; then deploy again.`;
  const seconds = (finishedAt - startedAt) / 1000;
  const after = startedAt > 0 && seconds >= 0 ? ` after ${seconds.toFixed(1)} seconds` : '';
  switch (trouble) {
    case 'exited':
      if (lastLines.some(isFull)) {
        const sentence = `${service} ended with code ${exitCode}${after}: its disk is full.${words}`;
        return reason(
          'no-space',
          sentence,
          'Free some space where Docker keeps volumes; then run "cep apps start".',
        );
      }
      return reason('exited', `${service} ended with code ${exitCode}${after}.${words}`, next);
    case 'out-of-memory':
      return reason('out-of-memory', `${service} ran out of memory.${words}`, MORE_MEMORY);
    case 'unhealthy':
      return reason('unhealthy', `${service} runs, but its health check fails.${words}`, next);
    case 'paused':
      return reason('failed', `${service} is paused.`, 'Run "docker unpause" on its container.');
  }
}
