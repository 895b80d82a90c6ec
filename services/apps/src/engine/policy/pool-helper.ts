/**
 * What a container may be that works in the folder of a pool: one of a few scripts, with that folder; and
 * to look whether a folder may become one, the machine's file systems, to read, with nothing to send it by.
 * Pure.
 */
import { MACHINE, POOL, SCRIPTS, type Script } from '../pool-scripts.ts';
import {
  type Check,
  exactly,
  isObject,
  list,
  object,
  type Refusal,
  refuse,
  value,
} from './judge.ts';
import { type LoneScope, lone } from './lone.ts';
import { isNeverGiven, isPlainPath } from './mounts.ts';

/** What one helper is for. */
export interface PoolScope extends LoneScope {
  /** The pool's, as an administrator gave it; none: nothing of the machine is written. */
  readonly folder: string | undefined;
}

interface Form {
  readonly mount: {
    readonly at: string;
    readonly readOnly: boolean;
    readonly makes: boolean;
  } | null;
  readonly capabilities: readonly string[];
  /** Whether these are arguments that the script may have. */
  readonly takes: (words: readonly string[], instance: string) => boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const names =
  (count: number) =>
  ([first, ...more]: readonly string[], instance: string): boolean =>
    first === instance && more.length === count && more.every((word) => NAME.test(word));

const inPool = (capabilities: readonly string[], count = 0, more: object = {}): Form => ({
  mount: { at: POOL, readOnly: false, makes: false, ...more },
  capabilities,
  takes: names(count),
});

const FORMS: Readonly<Record<Script, Form>> = {
  look: {
    mount: { at: MACHINE, readOnly: true, makes: false },
    capabilities: [],
    takes: (words) => words.every((word) => word === '/' || isPlainPath(word)),
  },
  take: inPool([], 0, { makes: true }),
  make: inPool([], 1),
  discard: inPool(['DAC_OVERRIDE', 'FOWNER'], 2),
  empty: inPool(['DAC_OVERRIDE', 'FOWNER']),
  release: inPool(['DAC_OVERRIDE', 'FOWNER']),
  measure: inPool(['DAC_OVERRIDE'], 0, { readOnly: true }),
  space: { mount: null, capabilities: [], takes: (words) => words.length === 0 },
};

/** @param payload  the body of `POST /containers/create` */
export function judgePoolHelper(payload: unknown, scope: PoolScope): Refusal | undefined {
  const script = isObject(payload) ? scriptOf(payload.Entrypoint) : undefined;
  if (!script) return refuse('exec', 'Entrypoint', 'must run a script for pools');
  const within = { instance: scope.instance, appId: '', network: '', volumes: [], address: '' };
  return body(FORMS[script], scope)(payload, within, '');
}

function scriptOf(entrypoint: unknown): Script | undefined {
  const given = JSON.stringify(entrypoint);
  const all = Object.entries(SCRIPTS) as [Script, string][];
  return all.find(([, text]) => given === JSON.stringify(['/bin/sh', '-c', text, 'cep']))?.[0];
}

const body = (form: Form, scope: PoolScope): Check =>
  lone('pool', scope, {
    words: (given) => form.takes(given, scope.instance),
    capabilities: form.capabilities,
    mounts: mounts(form.mount, scope),
  });

function mounts(mount: Form['mount'], { folder }: PoolScope): Check {
  const isLook = mount?.at === MACHINE;
  const isSource = (given: unknown) =>
    isLook ? given === '/' : given === folder && isPlainPath(given) && !isNeverGiven(given);
  const bind = object(
    {
      Type: exactly('mounts', 'bind'),
      Source: value('mounts', isSource, 'the folder of the pool'),
      Target: exactly('mounts', mount?.at),
      ReadOnly: exactly('mounts', mount?.readOnly),
      BindOptions: object(
        {
          ...(isLook ? {} : { Propagation: exactly('mounts', 'rprivate') }),
          CreateMountpoint: exactly('mounts', mount?.makes),
        },
        isLook ? ['CreateMountpoint'] : ['Propagation', 'CreateMountpoint'],
      ),
    },
    ['Type', 'Source', 'Target', 'ReadOnly', 'BindOptions'],
  );
  const count = mount ? 1 : 0;
  return (given, within, path) =>
    Array.isArray(given) && given.length === count
      ? list(bind)(given, within, path)
      : refuse('mounts', path, `must have ${count}`);
}
