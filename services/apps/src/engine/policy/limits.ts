/** What bounds a container, at its creation and when it is updated. */
import {
  type Check,
  exactly,
  first,
  isObject,
  isText,
  isWhole,
  limit,
  list,
  object,
  refuse,
  value,
} from './judge.ts';

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;

/** Docker's own; of it a quota is so many microseconds. */
export const CPU_PERIOD = 100_000;
const MOST_CPUS = 1024;

const RESTARTS = ['no', 'always', 'on-failure', 'unless-stopped'];

/** Real-time and nice limits are left out: with them one app starves all others. */
const ULIMITS: Readonly<Record<string, number>> = {
  core: -1,
  cpu: -1,
  data: -1,
  fsize: -1,
  locks: -1,
  memlock: -1,
  msgqueue: 64 * MEBIBYTE,
  nofile: 1_048_576,
  nproc: 65_536,
  rss: -1,
  sigpending: 65_536,
  stack: -1,
};

const ulimit: Check = (given, _scope, path) => {
  if (!isObject(given)) return refuse('wrong-type', path, 'must be an object');
  const stranger = Object.keys(given).find((name) => !['Name', 'Soft', 'Hard'].includes(name));
  if (stranger) return refuse('unknown-member', `${path}.${stranger}`, 'is not allowed');
  const most = Object.hasOwn(ULIMITS, String(given.Name)) ? ULIMITS[String(given.Name)] : undefined;
  if (most === undefined) return refuse('limits', path, 'has one that apps may not set');
  return first([given.Soft, given.Hard], (number) => {
    const isEndless = number === -1 && most === -1;
    const isFine = isEndless || isWhole(number, 0, most === -1 ? 2 ** 50 : most);
    return isFine ? undefined : refuse('limits', path, 'has one that is too large');
  });
};

export const restartPolicy = object(
  {
    Name: value('wrong-type', (given) => RESTARTS.includes(String(given)), 'a restart policy'),
    MaximumRetryCount: limit(100_000),
  },
  ['Name'],
);

/** Members that an update may have, too. */
export const resources = {
  Memory: limit(1024 * GIBIBYTE, 6 * MEBIBYTE),
  MemorySwap: limit(1024 * GIBIBYTE, 6 * MEBIBYTE),
  MemoryReservation: limit(1024 * GIBIBYTE, 6 * MEBIBYTE),
  CpuPeriod: exactly('limits', CPU_PERIOD),
  CpuQuota: limit(MOST_CPUS * CPU_PERIOD, 1000),
  CpuShares: limit(262_144, 2),
  PidsLimit: limit(32_768),
  RestartPolicy: restartPolicy,
} satisfies Record<string, Check>;

/** Swap beyond the memory would make its limit one of patience only. */
export const noSwap: Check = (given, _scope, path) => {
  if (!isObject(given) || given.MemorySwap === given.Memory) return undefined;
  const name = path ? `${path}.MemorySwap` : 'MemorySwap';
  return refuse('limits', name, 'must be as much as Memory');
};

export const ulimits = list(ulimit);
export const shmSize = limit(4 * GIBIBYTE);

const LARGEST_LOG = 100 * MEBIBYTE;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: MEBIBYTE, g: GIBIBYTE };

function isLogSize(given: unknown): boolean {
  const [, count, unit = ''] = (isText(given) && /^(\d{1,9})([kmg]?)$/.exec(given)) || [];
  return count !== undefined && isWhole(Number(count) * (UNITS[unit] ?? 0), 1, LARGEST_LOG);
}

const rotated = object(
  {
    'max-size': value('logging', isLogSize, 'a size of at most 100m'),
    'max-file': value(
      'logging',
      (given) => isText(given) && /^\d{1,2}$/.test(given) && isWhole(Number(given), 1, 20),
      'from 1 to 20',
    ),
  },
  ['max-size', 'max-file'],
);

export const logging: Check = (given, scope, path) => {
  const type = isObject(given) ? given.Type : undefined;
  if (type !== 'json-file' && type !== 'local' && type !== 'none') {
    return refuse('logging', path, 'must be json-file, local or none');
  }
  const config = type === 'none' ? object({}) : rotated;
  return object({ Type: exactly('logging', type), Config: config }, ['Type', 'Config'])(
    given,
    scope,
    path,
  );
};
