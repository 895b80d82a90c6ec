import { openFor, templateOf } from '../document.ts';
import type { Deps, Task } from '../task.ts';
import type { Dump } from './read.ts';

/**
 * What the script of a dump is given: the path of a file, or a program of the template's own, as that was
 * when the backup was made.
 *
 * @throws {Problem} `backup-unusable` when this cep does not understand that template
 */
export function wordsFor(
  { sealer }: Pick<Deps, 'sealer'>,
  { backup }: Pick<Task, 'backup'>,
  { dump, to }: { readonly dump: Dump; readonly to: 'dump' | 'load' },
): readonly string[] {
  if (dump.kind !== 'own') return dump.path === undefined ? [] : [dump.path];
  const { document } = backup;
  const template = templateOf(backup, openFor(sealer, backup.id, document));
  const declared = template.backup?.dumps?.[dump.service];
  if (typeof declared === 'object') return declared[to];
  throw new Error(`the template of ${backup.id} does not say how ${dump.service} is dumped`);
}
