/** What the containers may be that cep runs for no app, beside the script that each of them is known by. Pure. */
import { LABELS } from '../labels.ts';
import type { LoneKind } from '../lone-payload.ts';
import {
  type Check,
  exactly,
  exactlyList,
  isObject,
  isText,
  limit,
  object,
  value,
} from './judge.ts';
import { CPU_PERIOD, logging, noSwap } from './limits.ts';

export interface LoneScope {
  readonly instance: string;
  readonly image: string;
}

interface Form {
  /** Whether these are arguments that its script may have. */
  readonly words: (given: readonly string[]) => boolean;
  readonly capabilities: readonly string[];
  readonly mounts: Check;
  /** All that it is to have; without it none. */
  readonly environment?: readonly string[];
  readonly reachesOut?: boolean;
}

export const lone = (kind: LoneKind, scope: LoneScope, form: Form): Check =>
  object(
    {
      Image: exactly('image', scope.image),
      // Which script it is has been found by it.
      Entrypoint: () => undefined,
      Cmd: value(
        'exec',
        (given) => Array.isArray(given) && given.every(isText) && form.words(given),
        'what the script takes',
      ),
      ...(form.environment && { Env: exactlyList('exec', form.environment) }),
      User: exactly('privileges', '0:0'),
      Labels: value('labels', (given) => isLabelled(given, kind, scope), 'those of a helper'),
      HostConfig: hostConfig(form),
    },
    [
      ...['Image', 'Entrypoint', 'Cmd', 'User', 'Labels', 'HostConfig'],
      ...(form.environment ? ['Env'] : []),
    ],
  );

/** No more than these: with an app's label it would be taken for one of the app. */
const isLabelled = (given: unknown, kind: LoneKind, { instance }: LoneScope): boolean =>
  isObject(given) &&
  Object.keys(given).length === 2 &&
  given[LABELS.instance] === instance &&
  given[LABELS.helper] === kind;

const hostConfig =
  ({ mounts, capabilities, reachesOut = false }: Form): Check =>
  (given, within, path) =>
    object(
      {
        NetworkMode: exactly('network', reachesOut ? 'bridge' : 'none'),
        Mounts: mounts,
        RestartPolicy: object({ Name: exactly('limits', 'no') }, ['Name']),
        ReadonlyRootfs: exactly('privileges', !reachesOut),
        CapDrop: exactlyList('capabilities', ['ALL']),
        CapAdd: exactlyList('capabilities', capabilities),
        SecurityOpt: exactlyList('privileges', ['no-new-privileges:true']),
        PidsLimit: limit(64),
        Memory: limit(2 ** 28),
        MemorySwap: limit(2 ** 28),
        CpuPeriod: exactly('limits', CPU_PERIOD),
        CpuQuota: limit(CPU_PERIOD),
        LogConfig: logging,
      },
      [
        ...['NetworkMode', 'Mounts', 'RestartPolicy', 'ReadonlyRootfs', 'CapDrop', 'CapAdd'],
        ...['SecurityOpt', 'PidsLimit', 'Memory', 'CpuQuota', 'LogConfig'],
      ],
    )(given, within, path) ?? noSwap(given, within, path);
