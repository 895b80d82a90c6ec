/** What a service may use of the machine. */
import { type Context, refused } from './context.ts';
import type { Gpus, Service, Ulimit } from './model.ts';
import { sizeAt } from './quantities.ts';
import type { ComposeService } from './schema.ts';

type Limits = Pick<
  Service,
  | 'shmSizeBytes'
  | 'memoryBytes'
  | 'cpus'
  | 'pids'
  | 'memoryReservationBytes'
  | 'cpuShares'
  | 'ulimits'
  | 'gpus'
>;

/** A limit has an old name on the service and a new one under `deploy`; both at once is a mistake. */
export function readLimits(path: string, service: ComposeService, { note }: Context): Limits {
  const { deploy, mem_limit, mem_reservation, cpus, cpu_shares, pids_limit, shm_size } = service;
  const { limits = {}, reservations = {} } = deploy?.resources ?? {};
  const one = <T>(old: T | undefined, value: T | undefined, name: string) => {
    if (old !== undefined && value !== undefined) {
      throw refused(path, `limits its ${name} twice; keep the one under deploy/resources`);
    }
    return value ?? old;
  };
  const memory = one(mem_limit, limits.memory, 'memory');
  const reserved = one(mem_reservation, reservations.memory, 'reserved memory');
  if (reservations.cpus !== undefined) {
    note?.(`${path}/deploy/resources/reservations/cpus is for swarms, and of no effect.`);
  }
  const memoryBytes = memory === undefined ? null : sizeAt(`${path} memory`, memory);
  const reservedBytes = reserved && sizeAt(`${path} reserved memory`, reserved);
  if (reservedBytes && memoryBytes !== null && reservedBytes > memoryBytes) {
    throw refused(path, 'reserves more memory than its limit');
  }
  return {
    shmSizeBytes: shm_size === undefined ? null : sizeAt(`${path}/shm_size`, shm_size),
    memoryBytes,
    cpus: one(cpus, limits.cpus, 'cpus') ?? null,
    pids: one(pids_limit, limits.pids, 'pids') ?? null,
    ...(reservedBytes && { memoryReservationBytes: reservedBytes }),
    ...(cpu_shares !== undefined && { cpuShares: cpu_shares }),
    ...readUlimits(`${path}/ulimits`, service.ulimits),
    ...readGpus(`${path}/deploy/resources/reservations/devices/0`, reservations.devices?.[0]),
  };
}

function readUlimits(
  path: string,
  ulimits: ComposeService['ulimits'],
): { ulimits?: readonly Ulimit[] } {
  if (!ulimits) return {};
  const number = (at: string, text: string) => {
    if (/^(-1|\d{1,15})$/.test(text)) return Number(text);
    throw refused(at, `must be a whole number, or -1 for none, not "${text}"`);
  };
  const list = Object.entries(ulimits).map(([name, given]) => {
    const { soft, hard } = typeof given === 'string' ? { soft: given, hard: given } : given;
    const at = `${path}/${name}`;
    const limit = { name, soft: number(`${at}/soft`, soft), hard: number(`${at}/hard`, hard) };
    const isOver = limit.hard !== -1 && (limit.soft === -1 || limit.soft > limit.hard);
    if (isOver) throw refused(at, 'has a soft limit above its hard one');
    return limit;
  });
  return { ulimits: list };
}

type GpuRequest = NonNullable<
  NonNullable<
    NonNullable<NonNullable<ComposeService['deploy']>['resources']>['reservations']
  >['devices']
>[number];

function readGpus(path: string, given: GpuRequest | undefined): { gpus?: Gpus } {
  if (!given) return {};
  const { count, device_ids: ids = [], capabilities, driver = '' } = given;
  if (count !== undefined && ids.length > 0) throw refused(path, 'has both count and device_ids');
  if (!capabilities.includes('gpu')) throw refused(path, 'must have gpu among its capabilities');
  if (count !== undefined && !/^(all|-1|[1-9]\d?)$/.test(count)) {
    throw refused(`${path}/count`, `must be a number or all, not "${count}"`);
  }
  const all = count === undefined || count === 'all' ? -1 : Number(count);
  return { gpus: { count: ids.length > 0 ? 0 : all, ids, driver, capabilities } };
}
