/** Reads the published requests that must fail, and makes them; tests only. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { good, ownLabels, scope, tries } from '../payload.fixture.ts';
import { judgeTargetHelper } from '../policy/target-helper.ts';
import {
  judgeContainer,
  judgeExec,
  judgeFiles,
  judgeNetwork,
  judgeUpdate,
  judgeVolume,
  type Refusal,
  type Rule,
} from '../policy.ts';

type Patch = { readonly [name: string]: unknown };

export interface Case {
  readonly refuse: string;
  readonly rule: Rule;
  readonly granted?: readonly string[];
  readonly of?: Patch;
  readonly container?: Patch;
  readonly host?: Patch;
  readonly mount?: Patch;
  readonly labels?: Patch;
  readonly network?: Patch;
  readonly volume?: Patch;
  readonly pooled?: Patch;
  readonly update?: Patch;
  readonly exec?: Patch;
  readonly file?: { readonly target: string; readonly content: string };
  readonly tryFolder?: Patch;
  readonly tryBucket?: Patch;
}

const FOLDER = new URL('./', import.meta.url);

/** By file. */
export const suites: readonly (readonly [file: string, cases: readonly Case[]])[] = readdirSync(
  FOLDER,
)
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .map((file) => [file, parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Case[]]);

const isObject = (value: unknown): value is Patch =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396. */
export function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, merge(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

/** What a container's creation becomes; nothing when the case is of another kind. */
function containerOf({ container, host, mount, labels }: Case): unknown {
  if (container) return merge(good.container, container);
  if (host) return merge(good.container, { HostConfig: host });
  if (mount) return merge(good.container, { HostConfig: { Mounts: [mount] } });
  return labels && merge(good.container, { Labels: labels });
}

/** Asks for what a case describes. */
export function judge(given: Case): Refusal | undefined {
  const within = { ...scope, granted: new Set(given.granted) };
  const of = merge(ownLabels, given.of ?? {}) as Record<string, string>;
  const container = containerOf(given);
  if (container) return judgeContainer(container, within);
  if (given.network) return judgeNetwork(merge(good.network, given.network), within);
  if (given.volume) return judgeVolume(merge(good.volume, given.volume), within);
  if (given.pooled) return judgeVolume(merge(good.pooled, given.pooled), within);
  if (given.update) return judgeUpdate(merge(good.update, given.update), within, of);
  if (given.exec) return judgeExec(merge(good.exec, given.exec), within, of);
  if (given.file) return judgeFiles([given.file]);
  if (given.tryFolder) {
    return judgeTargetHelper(merge(good.tryFolder, given.tryFolder), tries.folder);
  }
  if (given.tryBucket) {
    return judgeTargetHelper(merge(good.tryBucket, given.tryBucket), tries.bucket);
  }
  throw new Error(`"${given.refuse}" asks for nothing`);
}
