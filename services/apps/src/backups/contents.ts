/** What of an app goes into a backup. Pure. */
import type { RenderedApp } from '../compose/model.ts';
import type { Template } from '../templates/template.ts';
import { type Dump, dumpsOf, excludesOf } from './dumps/read.ts';

export interface Contents {
  /** By the template's names. */
  readonly volumes: readonly string[];
  /** What is left out of volumes, e.g. `data/cache/*`: patterns of restic, below each volume's name. */
  readonly excludes: readonly string[];
  /** Of databases that go on meanwhile, in place of what is in their volumes. */
  readonly dumps?: readonly Dump[];
}

type Uses = Template['volumes'];

/** Caches can be made again, and media are many: they are left out unless the template says otherwise. */
const LEFT_OUT: readonly (string | undefined)[] = ['cache', 'media'];

const isIncluded = (use: Uses[string] | undefined): boolean =>
  use?.backup ? use.backup === 'include' : !LEFT_OUT.includes(use?.class);

/** @param uses  what the template says of its volumes; nothing of those of a file of one's own */
export function contentsOf({ volumes }: Pick<RenderedApp, 'volumes'>, uses: Uses): Contents {
  const included = volumes.filter((name) => isIncluded(uses[name]));
  const excludes = included.flatMap((name) =>
    (uses[name]?.exclude ?? []).map((pattern) => `${name}/${pattern.replace(/^\/+/, '')}`),
  );
  return { volumes: included, excludes };
}

/** The same, for an app that goes on: its databases are dumped. */
export function withDumps(contents: Contents, app: RenderedApp, template?: Template): Contents {
  const { volumes, excludes } = contents;
  const dumps = dumpsOf({ app, volumes, declared: template?.backup?.dumps });
  if (dumps.length === 0) return contents;
  return { volumes, dumps, excludes: [...excludes, ...excludesOf(dumps, app, volumes)] };
}

/** The volumes whose files are copied. */
export const copiedOf = ({ volumes, dumps = [] }: Contents): string[] =>
  volumes.filter((volume) => !dumps.some(({ instead }) => instead.includes(volume)));
