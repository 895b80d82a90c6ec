/** What of an app goes into a backup, and how it is kept still meanwhile. Pure. */
import type { BackupMode } from '@cep/contracts/backups';
import type { RenderedApp } from '../compose/model.ts';
import type { Template } from '../templates/template.ts';

export interface Contents {
  /** By the template's names. */
  readonly volumes: readonly string[];
  /** What is left out of volumes, e.g. `data/cache/*`: patterns of restic, below each volume's name. */
  readonly excludes: readonly string[];
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

/** @param asked  by whoever wants the backup */
export function modeOf(
  { volumes }: Contents,
  asked: BackupMode | undefined,
  template: BackupMode | undefined,
): BackupMode {
  return asked ?? template ?? (volumes.length === 0 ? 'hot' : 'stop');
}
