/** What of an app goes into a backup. Pure. */
import { Problem } from '@cep/contracts/problems';
import type { RenderedApp } from '../compose/model.ts';
import type { Template } from '../templates/template.ts';
import { type Dump, dumpsOf, excludesOf, volumesOf } from './dumps/read.ts';

export interface Contents {
  /** By the template's names. */
  readonly volumes: readonly string[];
  /** What is left out of volumes, e.g. `data/cache/*`: patterns of restic, below each volume's name. */
  readonly excludes: readonly string[];
  /** Of databases that go on meanwhile, in place of what is in their volumes. */
  readonly dumps?: readonly Dump[];
  /** Somebody named these volumes: it is about them, and not about the app. */
  readonly chosen?: true;
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

/**
 * The same, of volumes that somebody names: also those that are left out otherwise.
 *
 * @throws {Problem} `invalid-request` for one that the app does not have
 */
export function chosenOf(app: Pick<RenderedApp, 'volumes'>, uses: Uses, names: readonly string[]) {
  assertAmong(app.volumes, names, 'The app');
  const wished = Object.fromEntries(
    Object.entries(uses).map(([name, use]) => [name, { ...use, backup: 'include' as const }]),
  );
  const volumes = app.volumes.filter((name) => names.includes(name));
  return { ...contentsOf({ volumes }, wished), chosen: true as const };
}

/**
 * What of a backup is restored when somebody names volumes, and what is loaded into them.
 *
 * @param services  those of the app in the backup
 * @throws {Problem} `invalid-request` for one that it does not have, or that is only half of a dump
 */
export function partOf(
  { volumes, excludes, dumps = [] }: Contents,
  services: RenderedApp['services'],
  names: readonly string[],
): Contents {
  assertAmong(volumes, names, 'The backup');
  const within = dumps.filter((dump) =>
    volumesOf(dump, services, volumes).some((volume) => names.includes(volume)),
  );
  for (const { service, instead } of within) assertTogether(service, instead, names);
  return {
    ...{ volumes: volumes.filter((name) => names.includes(name)), excludes, chosen: true },
    ...(within.length > 0 && { dumps: within }),
  };
}

function assertAmong(there: readonly string[], names: readonly string[], what: string): void {
  const [absent] = names.filter((name) => !there.includes(name));
  if (absent === undefined) return;
  const all = there.length === 0 ? 'It has none' : `It has ${there.join(', ')}`;
  throw new Problem('invalid-request', `${what} has no volume "${absent}". ${all}.`);
}

function assertTogether(service: string, all: readonly string[], names: readonly string[]): void {
  const absent = all.filter((name) => !names.includes(name));
  if (absent.length === 0) return;
  throw new Problem(
    'invalid-request',
    `The dump of "${service}" stands for ${all.join(' and ')}: name ${absent.join(' and ')} as well.`,
  );
}

/** The same, for an app that goes on: its databases are dumped. */
export function withDumps(contents: Contents, app: RenderedApp, template?: Template): Contents {
  const { volumes, excludes, chosen } = contents;
  const dumps = dumpsOf({ app, volumes, declared: template?.backup?.dumps });
  if (dumps.length === 0) return contents;
  // One volume of a database has not what a dump of it would be loaded into.
  const whole = dumpsOf({ app, volumes: app.volumes, declared: template?.backup?.dumps });
  for (const { service, instead } of chosen ? dumps : []) {
    const all = whole.find((each) => each.service === service)?.instead ?? instead;
    assertTogether(service, all, volumes);
  }
  return { ...contents, dumps, excludes: [...excludes, ...excludesOf(dumps, app, volumes)] };
}

/** The volumes whose files are copied. */
export const copiedOf = ({ volumes, dumps = [] }: Contents): string[] =>
  volumes.filter((volume) => !dumps.some(({ instead }) => instead.includes(volume)));
