/** What keeps a container from the machine, and the few openings that an administrator may grant. */
import { GRANTED_TO_ALL } from '../capabilities.ts';
import {
  type Check,
  isObject,
  isText,
  isWhole,
  list,
  object,
  record,
  refuse,
  type Scope,
  texts,
  value,
} from './judge.ts';

const isGranted = ({ granted }: Scope, permission: string): boolean =>
  granted?.has(permission) ?? false;

const capability: Check = (given, scope, path) => {
  if (isText(given) && (GRANTED_TO_ALL.has(given) || isGranted(scope, `capability:${given}`))) {
    return undefined;
  }
  return refuse('capabilities', path, 'has one that is not granted');
};

const deviceMembers = object(
  {
    PathOnHost: value(
      'devices',
      (given) => isText(given) && /^\/dev\/[\w./-]+$/.test(given) && !/\/\.|\/\//.test(given),
      'a path below /dev',
    ),
    PathInContainer: value(
      'devices',
      (given) => isText(given) && /^\/dev\/[\w./-]+$/.test(given) && !/\/\.|\/\//.test(given),
      'a path below /dev',
    ),
    CgroupPermissions: value(
      'devices',
      (given) => isText(given) && /^[rwm]{1,3}$/.test(given),
      'of r, w and m',
    ),
  },
  ['PathOnHost', 'PathInContainer', 'CgroupPermissions'],
);

/** With these one reads or writes all of the machine: no grant is meant for so much. */
const DANGEROUS =
  /^\/dev\/(mem|kmem|port|kmsg|nvram|cpu|disk|mapper|block|loop|(s|v|xv|h)d[a-z]|nvme|dm-|sr\d|md\d|root)/;

const device: Check = (given, scope, path) => {
  const refusal = deviceMembers(given, scope, path);
  if (refusal || !isObject(given)) return refusal;
  const source = String(given.PathOnHost);
  if (DANGEROUS.test(source)) return refuse('devices', path, 'has one that is never given to apps');
  return isGranted(scope, `device:${source}`)
    ? undefined
    : refuse('devices', path, 'has one that is not granted');
};

const gpuMembers = object(
  {
    Driver: value('devices', (given) => given === '' || given === 'nvidia', 'nvidia'),
    Count: value('devices', (given) => isWhole(given, -1, 64), 'a number'),
    DeviceIDs: texts,
    Capabilities: list(
      list(
        value(
          'devices',
          (given) =>
            ['gpu', 'compute', 'utility', 'video', 'graphics', 'nvidia'].includes(String(given)),
          'of GPUs',
        ),
      ),
    ),
  },
  ['Capabilities'],
);

const gpus: Check = (given, scope, path) =>
  gpuMembers(given, scope, path) ??
  (isGranted(scope, 'gpu') ? undefined : refuse('devices', path, 'is not granted'));

/** Of the container's own network and IPC, and of no other's harm. */
const FREE_SYSCTL =
  /^(net\.core\.somaxconn|net\.ipv4\.(ip_unprivileged_port_start|ip_local_port_range|ping_group_range|tcp_[a-z0-9_]+)|net\.ipv6\.conf\.(all|default|lo|eth0)\.disable_ipv6|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\.[a-z_]+)$/;

export const isFreeSysctl = (name: string): boolean => FREE_SYSCTL.test(name);

/** Whether a kernel parameter belongs to a container at all; others are the machine's. */
export const isOwnSysctl = (name: string): boolean =>
  isFreeSysctl(name) || /^net(\.[a-z0-9_-]+){2,5}$/i.test(name);

const sysctls = record(
  'sysctls',
  (name, scope) => isFreeSysctl(name) || (isOwnSysctl(name) && isGranted(scope, `sysctl:${name}`)),
  value('sysctls', (given) => isText(given) && /^[\w\s.,:-]{1,100}$/.test(given), 'a value'),
);

/** The name of a container of the same app, as `container:NAME`. */
export const isOwnContainer = (given: unknown, { containers = [] }: Scope): boolean =>
  isText(given) && given.startsWith('container:') && containers.includes(given.slice(10));

const isGroup = (given: unknown): boolean =>
  isText(given) && /^([0-9]{1,9}|[a-z_][a-z0-9_-]{0,31})$/.test(given);

export const isolation = {
  CapDrop: value(
    'capabilities',
    (given) => Array.isArray(given) && given.length === 1 && given[0] === 'ALL',
    'ALL',
  ),
  CapAdd: list(capability),
  Privileged: value(
    'privileges',
    (given, scope) => given === true && isGranted(scope, 'privileged'),
    'granted',
  ),
  SecurityOpt: value(
    'privileges',
    (given) => Array.isArray(given) && given.length === 1 && given[0] === 'no-new-privileges:true',
    'no-new-privileges and nothing else',
  ),
  Devices: list(device),
  DeviceRequests: list(gpus),
  Sysctls: sysctls,
  GroupAdd: list(value('privileges', isGroup, 'a group')),
  PidMode: value('namespaces', isOwnContainer, "that of the app's own container"),
  IpcMode: value(
    'namespaces',
    (given, scope) => given === 'shareable' || given === 'private' || isOwnContainer(given, scope),
    "that of the app's own container",
  ),
} satisfies Record<string, Check>;
