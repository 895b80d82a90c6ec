/**
 * How an app's things are called in the engine. Names follow from what they name, so that making
 * one twice collides instead of making two. Whose they are is told by labels, never by names.
 */
import { createHash, randomUUID } from 'node:crypto';

/** The name is also a DNS label in the app's network. */
const LONGEST = 63;

export interface AppIdentity {
  readonly id: string;
  readonly name: string;
  readonly generation: number;
  /** Which of its volumes a restore has filled; the others are those that it was made with. */
  readonly volumeSets?: VolumeSets;
}

/** By the template's name of a volume, which restore, e.g. `5e0c71aa`: two never share a volume. */
export type VolumeSets = Readonly<Record<string, string>>;

/** @returns empty for one that the app itself has made */
export const setOf = (sets: VolumeSets | undefined, volume: string): string =>
  (sets && Object.hasOwn(sets, volume) && sets[volume]) || '';

/** e.g. `cep-redis-1f3a9c2b`: the app's network, and its project to docker compose. */
export const projectOf = ({ id, name }: AppIdentity): string =>
  fit(`cep-${name}`, `-${id.slice(0, 8)}`);

/** e.g. `cep-1f3a9c2b`: the bridge of the app's network, by which cli/src/agent/guard.ts knows it. */
export const bridgeOf = (appId: string): string => `cep-${appId.slice(0, 8)}`;

/** e.g. `cep-redis-1f3a9c2b-server-g1`. */
export const containerName = (app: AppIdentity, service: string): string =>
  fit(`${projectOf(app)}-${service}`, `-g${app.generation}`);

/**
 * e.g. `cep-redis-1f3a9c2b-data`; the same for every generation, until a restore gives the app others,
 * e.g. `cep-redis-1f3a9c2b-data-r5e0c71aa`.
 */
export function volumeName(app: AppIdentity, volume: string): string {
  const set = setOf(app.volumeSets, volume);
  return fit(`${projectOf(app)}-${volume}`, set && `-r${set}`);
}

/** e.g. `cep-backup-5e0c71aa-save`: a container that works on backups, one at a time for each app. */
export const helperName = (jobId: string, step: string): string =>
  `cep-backup-${jobId.slice(0, 8)}-${step}`;

/** e.g. `cep-pool-cep-redis-1f3a9c2b-data`: what works on one volume of a pool, one at a time. */
export const poolHelperName = (what: string): string => fit(`cep-pool-${what}`, '');

/** e.g. `cep-target-5e0c71aa`: what tries a place for backups, each time another. */
export const targetHelperName = (): string => `cep-target-${randomUUID().slice(0, 8)}`;

/** Shortens `text` where the two are too long together; what was cut off is told by a hash. */
function fit(text: string, end: string): string {
  if (text.length + end.length <= LONGEST) return text + end;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.slice(0, LONGEST - end.length - hash.length - 1)}-${hash}${end}`;
}
