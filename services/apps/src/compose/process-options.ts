/** How a service starts, ends and speaks. */
import { refused } from './context.ts';
import { readAnnotations, readLabels } from './labels.ts';
import type { Logging, Service } from './model.ts';
import { durationAt, parseSize } from './quantities.ts';
import type { ComposeService } from './schema.ts';

type ProcessOptions = Pick<
  Service,
  | 'restart'
  | 'restartLimit'
  | 'user'
  | 'workingDir'
  | 'init'
  | 'stopGraceSeconds'
  | 'stopSignal'
  | 'tty'
  | 'stdinOpen'
  | 'groupAdd'
  | 'labels'
  | 'annotations'
  | 'logging'
  | 'pullPolicy'
  | 'updateOrder'
  | 'optional'
  | 'role'
>;

const STOP_GRACE_SECONDS = 10;
const GROUP = /^([0-9]{1,9}|[a-z_][a-z0-9_-]{0,31})$/;

/** @throws {Problem} `invalid-request` that begins with the path of the key */
export function readProcess(path: string, service: ComposeService): ProcessOptions {
  const { stop_grace_period: grace, stop_signal: signal, group_add: groups = [] } = service;
  if (signal && !/^(SIG)?[A-Z0-9+]{1,10}$/.test(signal)) {
    throw refused(`${path}/stop_signal`, 'must be a signal such as SIGINT');
  }
  const stranger = groups.find((group) => !GROUP.test(group));
  if (stranger) throw refused(`${path}/group_add`, `has "${stranger}", which is no group`);
  const { 'x-cep': own = {}, pull_policy: pulls } = service;
  const labels = readLabels(`${path}/labels`, service.labels);
  const annotations = readAnnotations(`${path}/annotations`, service.annotations);
  return {
    ...readRestart(path, service),
    user: service.user ?? null,
    workingDir: service.working_dir ?? null,
    init: service.init ?? false,
    stopGraceSeconds: grace
      ? Math.ceil(durationAt(`${path}/stop_grace_period`, grace) / 1000)
      : STOP_GRACE_SECONDS,
    stopSignal: signal ?? null,
    ...(service.tty && { tty: true }),
    ...(service.stdin_open && { stdinOpen: true }),
    ...(groups.length > 0 && { groupAdd: groups }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(service.logging && { logging: readLogging(`${path}/logging`, service.logging) }),
    ...((pulls === 'always' || pulls === 'never') && { pullPolicy: pulls }),
    ...readUpdateOrder(service),
    ...(own.optional && { optional: true }),
    ...(own.role && { role: own.role }),
  };
}

const CONDITIONS = { none: 'no', 'on-failure': 'on-failure', any: 'always' } as const;

function readRestart(
  path: string,
  { restart, deploy }: ComposeService,
): Pick<Service, 'restart' | 'restartLimit'> {
  const { restart_policy: policy } = deploy ?? {};
  if (policy) {
    if (restart !== undefined) throw refused(path, 'has both restart and deploy/restart_policy');
    const condition = CONDITIONS[policy.condition ?? 'any'];
    const limited = condition === 'on-failure' && policy.max_attempts !== undefined;
    return { restart: condition, ...(limited && { restartLimit: policy.max_attempts }) };
  }
  const [word = 'no', limit] = (restart ?? 'no').split(':');
  return {
    restart: word === 'false' ? 'no' : (word as Service['restart']),
    ...(limit !== undefined && { restartLimit: Number(limit) }),
  };
}

function readUpdateOrder({ deploy, 'x-cep': own }: ComposeService): Pick<Service, 'updateOrder'> {
  const order = own?.update?.strategy ?? deploy?.update_config?.order;
  return order && order !== 'auto' ? { updateOrder: order } : {};
}

function readLogging(
  path: string,
  { driver = 'json-file', options }: NonNullable<ComposeService['logging']>,
): Logging {
  if (driver === 'none') return { driver };
  const size = options?.['max-size'];
  if (size !== undefined && parseSize(size) === undefined) {
    throw refused(`${path}/options/max-size`, `must be a size such as 10m, not "${size}"`);
  }
  const files = options?.['max-file'];
  return {
    driver,
    ...(size !== undefined && { maxSize: size }),
    ...(files !== undefined && { maxFiles: files }),
  };
}
