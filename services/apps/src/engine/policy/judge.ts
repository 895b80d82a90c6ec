/**
 * The words that the policy is written in: a check says what is wrong with one value, or nothing.
 * What a table of members does not name is refused, so that what engines learn later is, too.
 */

export type Rule =
  | 'unknown-member'
  | 'missing-member'
  | 'wrong-type'
  | 'image'
  | 'registry'
  | 'mounts'
  | 'ports'
  | 'capabilities'
  | 'privileges'
  | 'devices'
  | 'namespaces'
  | 'sysctls'
  | 'network'
  | 'names'
  | 'labels'
  | 'logging'
  | 'limits'
  | 'driver'
  | 'exec';

export interface Refusal {
  readonly rule: Rule;
  /** In the payload, e.g. `HostConfig.Binds`; empty for the whole of it. */
  readonly path: string;
  /** e.g. `HostConfig.Binds is not allowed`; no values, which may be secrets. */
  readonly message: string;
  /** What to do instead. */
  readonly remedy: string;
}

/** The app on whose behalf it is asked. */
export interface Scope {
  readonly instance: string;
  readonly appId: string;
  /** Names in the engine. */
  readonly network: string;
  readonly volumes: readonly string[];
  /** Where those are on the machine that lie in a pool, e.g. `/srv/fast/cep-web-1f3a9c2b-data`. */
  readonly folders?: ReadonlyMap<string, string>;
  /** Those of the app, that its containers may share things of; none when left out. */
  readonly containers?: readonly string[];
  /** The one address of this machine that the app's ports are bound to. */
  readonly address: string;
  /** What an administrator has granted to the app, e.g. `capability:NET_ADMIN`. */
  readonly granted?: ReadonlySet<string>;
  /** Where images may come from, e.g. `docker.io/library`; from anywhere when left out. */
  readonly registries?: readonly string[] | undefined;
  /** Whether the app's network reaches nothing outside. */
  readonly internal?: boolean;
}

export type Check = (value: unknown, scope: Scope, path: string) => Refusal | undefined;

const REMEDIES: Readonly<Record<Rule, string>> = {
  'unknown-member': 'Leave it out: cep has no use for it that is safe.',
  'missing-member': 'It is a mistake in cep: report it.',
  'wrong-type': 'It is a mistake in cep: report it.',
  image: 'Name an image such as nginx:1 or registry.example/team/shop@sha256:….',
  registry: 'Use an image of these, or have an administrator add to ALLOWED_REGISTRIES.',
  mounts:
    'Use named volumes or tmpfs; an administrator may grant a path of the machine as host-path:/PATH or host-path:/PATH:ro.',
  ports:
    'Publish ports from 1024 on and leave the address out; an administrator may grant a lower one as host-port:53/udp.',
  capabilities: 'Leave it out, or let an administrator grant it as capability:NAME.',
  privileges: 'Leave it out, or let an administrator grant it as privileged.',
  devices: 'Leave it out, or let an administrator grant it as device:/dev/NAME or gpu.',
  namespaces: 'Share only with services of the same app, by service:NAME.',
  sysctls:
    "Set what belongs to the container's own network and IPC; more is granted as sysctl:NAME.",
  network: "Use the app's own network; an administrator may grant host-network.",
  names: 'Leave it out, or let an administrator grant dns or host-gateway.',
  labels: 'Take the label out: it speaks to cep, Docker or a program that watches Docker.',
  logging: 'Log by json-file or local, at most 100m in each of 20 files, or none.',
  limits: 'Choose a smaller limit; none at all is no choice.',
  driver: 'Use plain volumes and networks.',
  exec: "Run programs in the app's own containers, as the user that they run as.",
};

export const refuse = (rule: Rule, path: string, what: string): Refusal => ({
  rule,
  path,
  message: `${path || 'The request'} ${what}`,
  remedy: REMEDIES[rule],
});

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (given: unknown): given is string => typeof given === 'string';

export const isWhole = (given: unknown, least: number, most: number): given is number =>
  Number.isSafeInteger(given) && Number(given) >= least && Number(given) <= most;

export function first<T>(
  items: readonly T[],
  judge: (item: T) => Refusal | undefined,
): Refusal | undefined {
  for (const item of items) {
    const refusal = judge(item);
    if (refusal) return refusal;
  }
  return undefined;
}

/** An object whose members are all in `table`; those that `required` names must be there. */
export const object =
  (table: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value, scope, path) => {
    if (!isObject(value)) return refuse('wrong-type', path, 'must be an object');
    const inside = (name: string) => (path ? `${path}.${name}` : name);
    const absent = required.find((name) => value[name] === undefined);
    if (absent) return refuse('missing-member', inside(absent), 'must be set');
    return first(Object.keys(value), (name) => {
      const check = Object.hasOwn(table, name) ? table[name] : undefined;
      if (!check) return refuse('unknown-member', inside(name), 'is not allowed');
      return check(value[name], scope, inside(name));
    });
  };

/** An object with names of its own choosing. */
export const record =
  (rule: Rule, name: (name: string, scope: Scope) => boolean, check: Check): Check =>
  (value, scope, path) => {
    if (!isObject(value)) return refuse('wrong-type', path, 'must be an object');
    return first(Object.keys(value), (key) =>
      name(key, scope)
        ? check(value[key], scope, `${path}.${key}`)
        : refuse(rule, `${path}.${key}`, 'is not allowed'),
    );
  };

export const list =
  (check: Check): Check =>
  (value, scope, path) =>
    Array.isArray(value)
      ? first(value, (item) => check(item, scope, path))
      : refuse('wrong-type', path, 'must be a list');

/** A value that `accepts` takes; the rule is what it offends otherwise. */
export const value =
  (rule: Rule, accepts: (value: unknown, scope: Scope) => boolean, what: string): Check =>
  (given, scope, path) =>
    accepts(given, scope) ? undefined : refuse(rule, path, `must be ${what}`);

export const exactly = (rule: Rule, only: unknown): Check =>
  value(rule, (given) => given === only, JSON.stringify(only));

/** A list of just these, in this order. */
export const exactlyList = (rule: Rule, only: readonly string[]): Check =>
  value(rule, (given) => JSON.stringify(given) === JSON.stringify(only), JSON.stringify(only));

export const text = value('wrong-type', isText, 'text');
export const texts = list(text);
export const flag = value('wrong-type', (given) => typeof given === 'boolean', 'true or false');
export const nothing = object({});

export const limit = (most: number, least = 1): Check =>
  value(
    'limits',
    (given) => isWhole(given, least, most),
    `a whole number from ${least} to ${most}`,
  );
