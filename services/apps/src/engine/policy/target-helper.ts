/**
 * What a container may be that tries a place for backups: one of two scripts, with that folder and no way
 * out, or with the way to that bucket and nothing of the machine. Pure.
 */
import { type Place, SCRIPTS, TRIAL } from '../target-payload.ts';
import { CREDENTIALS_FILE, repositories } from './helper.ts';
import { type Check, isObject, list, type Refusal, refuse } from './judge.ts';
import { type LoneScope, lone } from './lone.ts';

/** What one helper is for. */
export interface TargetScope extends LoneScope {
  /** As an administrator gave it. */
  readonly place: Place;
}

/** @param payload  the body of `POST /containers/create` */
export function judgeTargetHelper(payload: unknown, scope: TargetScope): Refusal | undefined {
  const { place, instance } = scope;
  const program = JSON.stringify(['/bin/sh', '-c', SCRIPTS[place.kind], 'cep']);
  if (!isObject(payload) || JSON.stringify(payload.Entrypoint) !== program) {
    return refuse('exec', 'Entrypoint', 'must run the script that tries such a place');
  }
  const within = { instance, appId: '', network: '', volumes: [], address: '' };
  return lone('target', scope, {
    words: (given) => given.length === 0,
    ...(place.kind === 'folder' ? inFolder(place.at) : inBucket(place.at)),
  })(payload, within, '');
}

const inFolder = (folder: string) => ({
  capabilities: ['DAC_OVERRIDE'],
  mounts: only(repositories(folder)),
});

const inBucket = (at: string) => ({
  ...{ capabilities: [], mounts: none, reachesOut: true },
  // Another form has no way to it: what is not an address of a bucket is none that an administrator gave.
  environment: /^s3:https?:\/\/[^\s@\0]+$/.test(at)
    ? [`RESTIC_REPOSITORY=${at}/${TRIAL}`, `AWS_SHARED_CREDENTIALS_FILE=${CREDENTIALS_FILE}`]
    : [],
});

const only =
  (check: Check): Check =>
  (given, within, path) =>
    Array.isArray(given) && given.length === 1
      ? list(check)(given, within, path)
      : refuse('mounts', path, 'must have one');

const none: Check = (given, _within, path) =>
  Array.isArray(given) && given.length === 0 ? undefined : refuse('mounts', path, 'must have none');
