/** How a container differs from what it should be, for people. Pure. */
import { CPU_PERIOD } from '../engine/policy/limits.ts';
import {
  type DesiredContainer,
  differing,
  type Limits,
  lostNetworks,
  type ObservedContainer,
} from './state.ts';

/** @returns what was changed of it; nothing is said of what it does */
export const driftOf = (desired: DesiredContainer, container: ObservedContainer): string[] => [
  ...differing(desired, container).map(
    (key) => `${NAMES[key]} is ${said(container.limits, key)}, not ${said(desired.limits, key)}`,
  ),
  ...lostNetworks(desired, container).map((network) => `it was taken off the network ${network}`),
];

/** @returns e.g. `its memory from 256 MiB to 512 MiB` */
export const changeOf = (from: Limits, to: Limits): string =>
  differing({ limits: to }, { limits: from })
    .map((key) => `${NAMES[key]} from ${said(from, key)} to ${said(to, key)}`)
    .join(', ');

const NAMES: Readonly<Record<keyof Limits, string>> = {
  memoryBytes: 'its memory',
  memoryReservationBytes: 'the memory kept for it',
  cpuQuota: 'its share of the processors',
  cpuShares: 'its weight among others',
  pids: 'its number of processes',
  restart: 'its restart policy',
  restartLimit: 'how often it is started again',
};

const MEBIBYTE = 2 ** 20;

function said(limits: Limits, key: keyof Limits): string {
  const value = limits[key];
  if (typeof value === 'string') return value;
  if (value === 0) return 'not limited';
  if (key === 'cpuQuota') return String(value / CPU_PERIOD);
  const isMemory = key === 'memoryBytes' || key === 'memoryReservationBytes';
  return isMemory ? `${Math.round((value / MEBIBYTE) * 10) / 10} MiB` : String(value);
}
