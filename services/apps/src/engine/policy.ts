/**
 * What may be asked of the engine: everything that is not named here is refused. It judges the final
 * payload, whoever built it, so that no mistake in a template, in its rendering or in `payload.ts`
 * reaches the machine. Pure. The payloads that must fail lie in `adversarial/`.
 */
import { OWNED } from '../volumes/owner.ts';
import { LABELS } from './labels.ts';
import { bridgeOf } from './names.ts';
import { container } from './policy/container.ts';
import { image } from './policy/images.ts';
import {
  type Check,
  exactly,
  flag,
  isObject,
  isText,
  isWhole,
  list,
  object,
  type Refusal,
  refuse,
  type Scope,
  text,
  value,
} from './policy/judge.ts';
import { thingLabels } from './policy/labels.ts';
import { noSwap, resources } from './policy/limits.ts';
import { isNeverGiven, isPlainPath } from './policy/mounts.ts';

export type { Refusal, Rule, Scope } from './policy/judge.ts';

/** The one option that a network has. */
export const BRIDGE_NAME = 'com.docker.network.bridge.name';

/** The body of `POST /containers/create`. */
export const judgeContainer = (payload: unknown, scope: Scope): Refusal | undefined =>
  container(payload, scope, '');

/** The name of an image that is to run. */
export const judgeImage = (name: string, scope: Scope): Refusal | undefined =>
  image(name, scope, 'Image');

/**
 * The body of `POST /containers/ID/update`: as strict as for a new container.
 *
 * @param labels  of the container that is changed, as the engine has them
 */
export const judgeUpdate = (
  payload: unknown,
  scope: Scope,
  labels: Readonly<Record<string, string>>,
): Refusal | undefined =>
  foreign(labels, scope) ??
  object(resources)(payload, scope, '') ??
  (isObject(payload) && 'Memory' in payload ? noSwap(payload, scope, '') : undefined);

/** The body of `POST /networks/create`. */
export const judgeNetwork = (payload: unknown, scope: Scope): Refusal | undefined =>
  network(payload, scope, '');

/** The body of `POST /volumes/create`. */
export const judgeVolume = (payload: unknown, scope: Scope): Refusal | undefined =>
  volume(payload, scope, '');

/**
 * The body of `POST /containers/ID/exec`.
 *
 * @param labels  of the container in which it would run, as the engine has them
 */
export const judgeExec = (
  payload: unknown,
  scope: Scope,
  labels: Readonly<Record<string, string>>,
): Refusal | undefined => foreign(labels, scope) ?? exec(payload, scope, '');

function foreign(
  labels: Readonly<Record<string, string>>,
  { instance, appId }: Scope,
): Refusal | undefined {
  const isOwn = labels[LABELS.instance] === instance && labels[LABELS.app] === appId;
  return isOwn ? undefined : refuse('exec', '', 'is for a container of another app');
}

const network = object(
  {
    Name: value('network', (given, { network: own }) => given === own, "the app's"),
    Driver: exactly('driver', 'bridge'),
    Internal: value(
      'network',
      (given, { internal = false }) => given === internal,
      'as the app says',
    ),
    Options: object(
      {
        [BRIDGE_NAME]: value(
          'driver',
          (given, { appId }) => given === bridgeOf(appId),
          "the app's",
        ),
      },
      [BRIDGE_NAME],
    ),
    Labels: thingLabels,
  },
  ['Name', 'Driver', 'Options', 'Labels'],
);

const plainVolume = {
  Name: value('mounts', (given, { volumes }) => volumes.includes(String(given)), "the app's"),
  Driver: exactly('driver', 'local'),
  Labels: thingLabels,
};

/** In a pool, a volume is the one folder there that has its name; and none is it elsewhere. */
const volume: Check = (given, scope, path) => {
  const name = isObject(given) ? String(given.Name) : '';
  const folder = scope.folders?.get(name);
  if (folder === undefined) {
    return object(plainVolume, ['Name', 'Driver', 'Labels'])(given, scope, path);
  }
  const isItsOwn = (device: unknown) =>
    device === folder &&
    folder.endsWith(`/${name}`) &&
    isPlainPath(folder) &&
    !isNeverGiven(folder);
  const options = object(
    {
      type: exactly('mounts', 'none'),
      o: exactly('mounts', 'bind'),
      device: value('mounts', isItsOwn, 'its folder in its pool'),
    },
    ['type', 'o', 'device'],
  );
  const members = { ...plainVolume, DriverOpts: options };
  return object(members, ['Name', 'Driver', 'DriverOpts', 'Labels'])(given, scope, path);
};

const command = value(
  'exec',
  (given) => Array.isArray(given) && given.length > 0 && given.every(isText),
  'a program and its arguments',
);

const exec = object(
  {
    Cmd: command,
    Env: list(
      value('exec', (given) => isText(given) && /^[^\s=\0]+=[^\0]*$/.test(given), 'NAME=…'),
    ),
    WorkingDir: text,
    AttachStdin: flag,
    AttachStdout: flag,
    AttachStderr: flag,
    Tty: flag,
    ConsoleSize: list(value('exec', (given) => isWhole(given, 0, 10_000), 'rows and columns')),
  },
  ['Cmd'],
);

const MOST_IN_FILES = 4 * 2 ** 20;

/** What is written into a container of the app before it starts, as a plain archive. */
export function judgeFiles(
  files: readonly { readonly target: string; readonly content: string }[],
): Refusal | undefined {
  const size = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  if (size > MOST_IN_FILES) return refuse('limits', 'files', 'must have at most 4 MiB');
  const isPlace = (target: string) =>
    /^\/[^\0]*[^/\0]$/.test(target) &&
    !/\/\.{0,2}(\/|$)/.test(target) &&
    !/^\/(proc|sys|dev)(\/|$)/.test(target);
  return files.every(({ target }) => isPlace(target))
    ? undefined
    : refuse('mounts', 'files', 'must be at absolute paths outside /proc, /sys and /dev');
}

/** To whom the folder of a new volume is given: no set-user-id bits, which nobody needs on one. */
export function judgeOwner(
  target: string,
  { uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number },
): Refusal | undefined {
  if (target !== OWNED) return refuse('mounts', 'owner', `must be of ${OWNED}`);
  const isUser = (given: number) => isWhole(given, 0, 65_535);
  return isUser(uid) && isUser(gid) && isWhole(mode, 0, 0o3777)
    ? undefined
    : refuse('wrong-type', 'owner', 'must be a user, a group and a mode without set-user-id');
}
