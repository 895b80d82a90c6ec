/** Whether a change is one of limits alone, which no data is the worse for. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { RenderedApp, Service } from '../compose/model.ts';

/** @returns whether two renderings are the same but for what is changed of containers as they run */
export const isOfLimitsAlone = (before: RenderedApp, after: RenderedApp): boolean =>
  isDeepStrictEqual(withoutLimits(before), withoutLimits(after));

const LIMITS: ReadonlySet<string> = new Set<keyof Service>([
  'memoryBytes',
  'memoryReservationBytes',
  'cpus',
  'cpuShares',
  'pids',
  'restart',
  'restartLimit',
]);

/** As it is kept and read again: what is kept has been JSON. */
const withoutLimits = ({ services, ...app }: RenderedApp): unknown =>
  JSON.parse(JSON.stringify({ ...app, services: services.map(bare) }));

const bare = (service: Service): object =>
  Object.fromEntries(Object.entries(service).filter(([name]) => !LIMITS.has(name)));
