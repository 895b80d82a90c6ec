/** The beginning of a backup: written down, for the reconciler to do. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Backup, BackupMode } from '@cep/contracts/backups';
import { Problem } from '@cep/contracts/problems';
import type { Tx } from '@cep/database/transaction';
import type { Sealer } from '@cep/sealing/sealer';
import { type AppRow, interruptApp } from '../apps/store.ts';
import { openDocument } from '../generations/document.ts';
import { findGeneration } from '../generations/store.ts';
import type { Template } from '../templates/template.ts';
import { chosenOf, contentsOf, withDumps } from './contents.ts';
import { sealFor, templateOf } from './document.ts';
import { insertJob } from './job-store.ts';
import { chooseMode } from './mode.ts';
import { findComplete, insertBackup } from './store.ts';
import type { TargetRow } from './target-store.ts';

interface Beginning {
  readonly app: AppRow;
  readonly target: TargetRow;
  readonly cause: Backup['cause'];
  /** Left out: as the template says, or as is safe. */
  readonly mode?: BackupMode | undefined;
  /** Only these volumes; left out: those that the template has backed up. */
  readonly volumes?: readonly string[] | undefined;
  readonly operationId?: string;
  /** Which generation of the app; the wanted one when left out. */
  readonly generation?: number;
}

/** The longest name of an app that is wholly in the names of its backups. */
const LONGEST = 50;

/**
 * @returns the backup's id, e.g. `wiki-5e0c71aa`
 * @throws {Problem} `app-busy` while something else is done about the app's backups; `invalid-request`
 *   for a hot one of a database that cannot be dumped, or volumes that are not there
 */
export async function beginBackup(
  { sealer }: { readonly sealer: Sealer },
  tx: Tx,
  { app, target, cause, operationId, ...wish }: Beginning,
): Promise<string> {
  const number = wish.generation ?? app.generation;
  const generation = await findGeneration(tx, app.id, number);
  if (!generation) throw new Error(`app ${app.id} has no generation ${number}`);
  const document = openDocument(sealer, app.id, generation.document);
  const template = readable(app, document);
  const { rendered } = document;
  const uses = template?.volumes ?? {};
  const copied = wish.volumes ? chosenOf(rendered, uses, wish.volumes) : contentsOf(rendered, uses);
  const mode = chooseMode({ contents: copied, asked: wish.mode, app, rendered, template });
  const contents = mode === 'hot' ? withDumps(copied, rendered, template) : copied;
  const id = `${app.name.slice(0, LONGEST)}-${randomBytes(4).toString('hex')}`;
  const { project_id, store, template: templateId } = app;
  const known = { app_id: app.id, target_id: target.id };
  const isFirst = (await findComplete(tx, known)).length === 0;
  await insertBackup(tx, {
    ...{
      id,
      project_id,
      ...known,
      app: app.name,
      engine: app.engine,
      cause,
      mode,
      contents,
      store,
    },
    ...{ template: templateId, version: generation.version },
    repository: `${app.name.slice(0, LONGEST)}-${app.id.slice(0, 8)}`,
    document: sealFor(sealer, id, document),
  });
  await insertJob(tx, {
    ...{ id: randomUUID(), app_id: app.id, project_id, kind: 'backup', backup: id },
    ...{ step: isFirst ? 'init' : 'save', volume_sets: generation.volume_sets },
    operation_id: operationId ?? null,
  });
  if (mode === 'stop') await interruptApp(tx, app.id);
  return id;
}

/** What the template says of its volumes; nothing where it is too old to be read. */
function readable(app: AppRow, document: Parameters<typeof templateOf>[1]): Template | undefined {
  try {
    return templateOf({ app: app.name, store: app.store, template: app.template }, document);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
