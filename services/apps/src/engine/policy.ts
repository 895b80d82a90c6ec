/**
 * What may be asked of the engine: everything that is not named here is refused. It judges the final
 * payload, whoever built it, so that no mistake in a template, in its rendering or in `payload.ts`
 * reaches the machine. Pure.
 */
import { LABELS } from './labels.ts';
import { bridgeOf } from './names.ts';

/** The one option that a network has. */
export const BRIDGE_NAME = 'com.docker.network.bridge.name';

export type Rule =
  | 'unknown-member'
  | 'missing-member'
  | 'wrong-type'
  | 'image'
  | 'mounts'
  | 'ports'
  | 'capabilities'
  | 'privileges'
  | 'network'
  | 'labels'
  | 'logging'
  | 'limits'
  | 'driver';

export interface Refusal {
  readonly rule: Rule;
  /** e.g. `HostConfig.Binds is not allowed`; no values, which may be secrets. */
  readonly message: string;
}

/** The app on whose behalf it is asked. */
export interface Scope {
  readonly instance: string;
  readonly appId: string;
  /** Names in the engine. */
  readonly network: string;
  readonly volumes: readonly string[];
  /** The one address of this machine that the app's ports are bound to. */
  readonly address: string;
}

type Check = (value: unknown, scope: Scope, path: string) => Refusal | undefined;

/** Docker's default set: more is not given to any app. */
const CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const GIBIBYTE = 2 ** 30;
const FIRST_UNPRIVILEGED_PORT = 1024;

export const judgeContainer = (payload: unknown, scope: Scope): Refusal | undefined =>
  container(payload, scope, '');

export const judgeNetwork = (payload: unknown, scope: Scope): Refusal | undefined =>
  network(payload, scope, '');

export const judgeVolume = (payload: unknown, scope: Scope): Refusal | undefined =>
  volume(payload, scope, '');

const refuse = (rule: Rule, message: string): Refusal => ({ rule, message });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object whose members are all in `table`; those that `required` names must be there. */
const object =
  (table: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value, scope, path) => {
    if (!isObject(value)) return refuse('wrong-type', `${path} must be an object`);
    const inside = (name: string) => (path ? `${path}.${name}` : name);
    const absent = required.find((name) => value[name] === undefined);
    if (absent) return refuse('missing-member', `${inside(absent)} must be set`);
    return first(Object.keys(value), (name) => {
      const check = Object.hasOwn(table, name) ? table[name] : undefined;
      if (!check) return refuse('unknown-member', `${inside(name)} is not allowed`);
      return check(value[name], scope, inside(name));
    });
  };

/** An object with names of its own choosing. */
const record =
  (name: (name: string, scope: Scope) => boolean, rule: Rule, check: Check): Check =>
  (value, scope, path) => {
    if (!isObject(value)) return refuse('wrong-type', `${path} must be an object`);
    return first(Object.keys(value), (key) =>
      name(key, scope)
        ? check(value[key], scope, `${path}.${key}`)
        : refuse(rule, `${path} may not name ${key}`),
    );
  };

const list =
  (check: Check): Check =>
  (value, scope, path) =>
    Array.isArray(value)
      ? first(value, (item) => check(item, scope, path))
      : refuse('wrong-type', `${path} must be a list`);

/** A value that `accepts` takes; the rule is what it offends otherwise. */
const value =
  (rule: Rule, accepts: (value: unknown, scope: Scope) => boolean, what: string): Check =>
  (given, scope, path) =>
    accepts(given, scope) ? undefined : refuse(rule, `${path} must be ${what}`);

function first<T>(items: readonly T[], judge: (item: T) => Refusal | undefined) {
  for (const item of items) {
    const refusal = judge(item);
    if (refusal) return refusal;
  }
  return undefined;
}

const isText = (given: unknown): given is string => typeof given === 'string';
const isWhole = (given: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(given) && Number(given) >= least && Number(given) <= most;

const text = value('wrong-type', isText, 'text');
const texts = list(text);
const flag = value('wrong-type', (given) => typeof given === 'boolean', 'true or false');
const nothing = object({});
const limit = (most: number) =>
  value('limits', (given) => isWhole(given, 1, most), `a whole number from 1 to ${most}`);
const duration = value('limits', (given) => isWhole(given, 0, 2 ** 50), 'a duration');
const exactly = (rule: Rule, only: string) => value(rule, (given) => given === only, `"${only}"`);

const labels: Check = (given, scope, path) => {
  if (!isObject(given)) return refuse('labels', `${path} must be an object`);
  if (given[LABELS.instance] !== scope.instance || given[LABELS.app] !== scope.appId) {
    return refuse('labels', `${path} must name this installation and this app`);
  }
  return first(Object.entries(given), ([name, label]) =>
    /^(cep|com\.docker\.compose)\.[a-z_.-]+$/.test(name) && isText(label)
      ? undefined
      : refuse('labels', `${path} may not have ${name}`),
  );
};

const isTarget = (given: unknown): boolean =>
  isText(given) &&
  /^\/[^\0]+$/.test(given) &&
  !given.includes('//') &&
  !given.split('/').some((part) => part === '..' || part === '.') &&
  !/^\/(proc|sys|dev)(\/(?!shm(\/|$))|$)/.test(given);

const target = value('mounts', isTarget, 'an absolute path outside /proc, /sys and /dev');

const volumeMount = object(
  {
    Type: exactly('mounts', 'volume'),
    Source: value('mounts', (given, { volumes }) => volumes.includes(String(given)), "the app's"),
    Target: target,
    ReadOnly: flag,
  },
  ['Source', 'Target'],
);

const tmpfsMount = object(
  {
    Type: exactly('mounts', 'tmpfs'),
    Target: target,
    TmpfsOptions: object({ SizeBytes: limit(4 * GIBIBYTE) }, ['SizeBytes']),
  },
  ['Target', 'TmpfsOptions'],
);

const mount: Check = (given, scope, path) => {
  const type = isObject(given) ? given.Type : undefined;
  if (type === 'volume') return volumeMount(given, scope, path);
  if (type === 'tmpfs') return tmpfsMount(given, scope, path);
  return refuse('mounts', `${path} must be volumes of the app or tmpfs`);
};

const isPort = (name: string): boolean => /^\d{1,5}\/(tcp|udp)$/.test(name);

const isHostPort = (given: unknown): boolean =>
  isText(given) && /^\d+$/.test(given) && isWhole(Number(given), FIRST_UNPRIVILEGED_PORT, 65_535);

const binding = object(
  {
    HostIp: value(
      'ports',
      (given, { address }) => given === address && !['', '0.0.0.0', '::'].includes(address),
      "the app's own address",
    ),
    HostPort: value('ports', isHostPort, `a port from ${FIRST_UNPRIVILEGED_PORT} to 65535`),
  },
  ['HostIp', 'HostPort'],
);

const hostConfig = object(
  {
    NetworkMode: value('network', (given, { network: own }) => given === own, "the app's network"),
    Mounts: list(mount),
    PortBindings: record(isPort, 'ports', list(binding)),
    RestartPolicy: object({
      Name: value(
        'wrong-type',
        (given) => ['no', 'always', 'on-failure', 'unless-stopped'].includes(String(given)),
        'a restart policy',
      ),
    }),
    Init: flag,
    ReadonlyRootfs: flag,
    CapDrop: value('capabilities', (given) => String(given) === 'ALL', 'ALL'),
    CapAdd: list(
      value('capabilities', (given) => isText(given) && CAPABILITIES.has(given), "Docker's own"),
    ),
    SecurityOpt: value(
      'privileges',
      (given) => String(given) === 'no-new-privileges:true' && Array.isArray(given),
      'no-new-privileges and nothing else',
    ),
    PidsLimit: limit(32_768),
    Memory: limit(1024 * GIBIBYTE),
    NanoCpus: limit(1024 * 1e9),
    ShmSize: limit(4 * GIBIBYTE),
    LogConfig: object(
      {
        Type: value('logging', (given) => given === 'json-file', 'json-file'),
        Config: object({ 'max-size': text, 'max-file': text }, ['max-size', 'max-file']),
      },
      ['Type', 'Config'],
    ),
  },
  ['NetworkMode', 'CapDrop', 'SecurityOpt', 'PidsLimit', 'LogConfig'],
);

const isOwnNetwork = (name: string, { network: own }: Scope): boolean => name === own;

const container = object(
  {
    Image: value('image', (given) => isText(given) && /^[\w][\w.:/@-]*$/.test(given), 'an image'),
    Entrypoint: texts,
    Cmd: texts,
    Env: list(value('wrong-type', (given) => isText(given) && /^[^=\0]+=/.test(given), 'NAME=…')),
    User: text,
    WorkingDir: text,
    Hostname: text,
    StopSignal: text,
    StopTimeout: limit(3600),
    Labels: labels,
    ExposedPorts: record(isPort, 'ports', nothing),
    Healthcheck: object({
      Test: texts,
      Interval: duration,
      Timeout: duration,
      StartPeriod: duration,
      StartInterval: duration,
      Retries: limit(1000),
    }),
    HostConfig: hostConfig,
    NetworkingConfig: object({
      EndpointsConfig: record(isOwnNetwork, 'network', object({ Aliases: texts })),
    }),
  },
  ['Image', 'Labels', 'HostConfig'],
);

const network = object(
  {
    Name: value('network', (given, { network: own }) => given === own, "the app's network"),
    Driver: exactly('driver', 'bridge'),
    Labels: labels,
    Options: object({
      [BRIDGE_NAME]: value(
        'driver',
        (given, { appId }) => given === bridgeOf(appId),
        "the app's bridge",
      ),
    }),
  },
  ['Name', 'Driver', 'Labels', 'Options'],
);

const volume = object(
  {
    Name: value('mounts', (given, { volumes }) => volumes.includes(String(given)), "the app's"),
    Driver: exactly('driver', 'local'),
    Labels: labels,
  },
  ['Name', 'Driver', 'Labels'],
);
