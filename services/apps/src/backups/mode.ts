/** How an app is kept still while it is backed up. Pure. */
import type { BackupMode } from '@cep/contracts/backups';
import { Problem } from '@cep/contracts/problems';
import type { AppRow } from '../apps/store.ts';
import type { RenderedApp } from '../compose/model.ts';
import type { Template } from '../templates/template.ts';
import type { Contents } from './contents.ts';
import { undumped } from './dumps/read.ts';

interface Choice {
  readonly contents: Contents;
  /** By whoever wants the backup. */
  readonly asked: BackupMode | undefined;
  readonly app: Pick<AppRow, 'wanted'>;
  readonly rendered: Pick<RenderedApp, 'services'>;
  readonly template: Pick<Template, 'backup'> | undefined;
}

/**
 * As somebody asks, else as the template says, else as is safe; hot only where that gives data that is whole.
 *
 * @throws {Problem} `invalid-request` when somebody asks for what does not
 */
export function chooseMode({ contents, asked, app, rendered, template }: Choice): BackupMode {
  const { volumes } = contents;
  const mode = asked ?? template?.backup?.mode ?? (volumes.length === 0 ? 'hot' : 'stop');
  if (mode !== 'hot' || volumes.length === 0) return mode;
  // Nothing writes what rests, and nothing there could be asked for a dump.
  if (app.wanted !== 'running') return 'stop';
  const declared = template?.backup?.dumps;
  const [torn] = undumped({ app: rendered, declared, volumes });
  if (torn === undefined) return 'hot';
  if (asked !== 'hot') return 'stop';
  throw new Problem(
    'invalid-request',
    `"${torn}" is a database that cep cannot dump: a copy of its files while it writes them may not be whole. Take --mode stop or --mode pause, or say in its template how it is dumped (x-cep/backup/dumps).`,
  );
}
