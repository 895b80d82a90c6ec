import {
  type Check,
  exactly,
  flag,
  isObject,
  isText,
  isWhole,
  limit,
  object,
  refuse,
  value,
} from './judge.ts';

const GIBIBYTE = 2 ** 30;

/**
 * What no app gets of the machine, whoever grants it: the kernel's own file systems, the sockets of
 * engines and of services, and where passwords, programs and the state of Docker and cep are.
 */
const NEVER = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib64',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var/lib/cep',
  '/var/lib/containerd',
  '/var/lib/docker',
  '/var/run',
];

export const isPlainPath = (given: unknown): given is string =>
  isText(given) &&
  /^\/[^\0]*[^/\0]$/.test(given) &&
  !given.includes('//') &&
  !given.split('/').some((part) => part === '..' || part === '.');

/** Whether a path is another one, or below it. */
export const holds = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(`${outer}/`);

/** Whether a path of the machine is one that nothing gets, whoever asks. */
export const isNeverGiven = (path: string): boolean =>
  NEVER.some((never) => holds(never, path) || holds(path, never));

const isTarget = (given: unknown): boolean =>
  isPlainPath(given) && !/^\/(proc|sys|dev)(\/(?!shm(\/|$))|$)/.test(given);

const target = value('mounts', isTarget, 'an absolute path outside /proc, /sys and /dev');

const volumeMount = object(
  {
    Type: exactly('mounts', 'volume'),
    Source: value('mounts', (given, { volumes }) => volumes.includes(String(given)), "the app's"),
    Target: target,
    ReadOnly: flag,
    VolumeOptions: object({ NoCopy: flag }),
  },
  ['Source', 'Target'],
);

const tmpfsMount = object(
  {
    Type: exactly('mounts', 'tmpfs'),
    Target: target,
    TmpfsOptions: object(
      {
        SizeBytes: limit(4 * GIBIBYTE),
        // No set-user-id bits: nobody needs them on a temporary file system.
        Mode: value('mounts', (given) => isWhole(given, 0, 0o1777), 'a mode without set-user-id'),
      },
      ['SizeBytes'],
    ),
  },
  ['Target', 'TmpfsOptions'],
);

const hostMountMembers = object(
  {
    Type: exactly('mounts', 'bind'),
    Source: value('mounts', isPlainPath, 'an absolute path'),
    Target: target,
    ReadOnly: flag,
    BindOptions: object({
      Propagation: exactly('mounts', 'rprivate'),
      CreateMountpoint: exactly('mounts', false),
    }),
  },
  ['Source', 'Target', 'ReadOnly', 'BindOptions'],
);

/** A path of the machine: granted as it is written, and never what {@link NEVER} holds or is in. */
const hostMount: Check = (given, scope, path) => {
  const refusal = hostMountMembers(given, scope, path);
  if (refusal || !isObject(given)) return refusal;
  const source = String(given.Source);
  if (isNeverGiven(source)) {
    return refuse('mounts', path, 'has a path of the machine that is never given to apps');
  }
  const full = scope.granted?.has(`host-path:${source}`);
  const readable = given.ReadOnly === true && scope.granted?.has(`host-path:${source}:ro`);
  return full || readable
    ? undefined
    : refuse('mounts', path, 'has a path of the machine that is not granted');
};

const KINDS: Readonly<Record<string, Check>> = {
  volume: volumeMount,
  tmpfs: tmpfsMount,
  bind: hostMount,
};

export const mount: Check = (given, scope, path) => {
  const type = isObject(given) ? String(given.Type) : '';
  const check = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  return check
    ? check(given, scope, path)
    : refuse('mounts', path, 'must be volumes of the app or tmpfs');
};
