import type * as contract from '@cep/contracts/apps';
import type { UserCaller } from '@cep/contracts/caller';
import type { Input } from '@cep/contracts/endpoint';
import { Problem } from '@cep/contracts/problems';
import { OWN_FILE } from '@cep/contracts/templates';
import type { Tx } from '@cep/database/transaction';
import type { Document } from '../generations/document.ts';
import { getTemplate } from '../stores/templates.ts';
import { readOwnFile } from '../templates/own-file.ts';
import { readTemplate, type Template } from '../templates/template.ts';
import type { Deps } from './deps.ts';
import type { AppRow } from './store.ts';

export interface Source {
  readonly app: AppRow;
  readonly body: Input<typeof contract.updateApp>['body'];
  readonly caller: UserCaller;
  readonly document: Document;
}

/**
 * What an update brings an app to: its template as the store has it now; or the file of one's own that is
 * given, else the one that it was.
 *
 * @throws {Problem} `not-found` and `template-disabled` for a template that is not to be had, unless
 *   parameters are to change; `invalid-request` for a file that is not this app's
 */
export function templateOf(deps: Deps, tx: Tx, source: Source): Promise<Template> | Template {
  const { app, body } = source;
  const { compose, files = {} } = body;
  if (compose === undefined && Object.keys(files).length > 0) {
    throw new Problem('invalid-request', 'Files go with the compose file that names them.');
  }
  if (app.store === OWN_FILE) return ownFileOf(source);
  if (compose === undefined) return storedOf(deps, tx, source);
  const sentence = `"${app.name}" is made of ${app.template} of the store "${app.store}", not of a file.`;
  throw new Problem('invalid-request', sentence);
}

function ownFileOf({ app, body, document }: Source): Template {
  const { compose, files = {} } = body;
  const written = compose === undefined ? document.written : { compose, files };
  if (!written) throw new Error(`app ${app.id} has lost its file`);
  const template = readOwnFile({ ...written, name: app.template });
  if (template.id === app.template) return template;
  throw new Problem(
    'invalid-request',
    `The file calls its app "${template.id}", but "${app.name}" is made of "${app.template}": is it the right one?`,
  );
}

async function storedOf(
  { store: builtin }: Deps,
  tx: Tx,
  { app, body, caller, document }: Source,
): Promise<Template> {
  const { store, template: id } = app;
  try {
    return await getTemplate({ db: tx, builtin }, { store, id }, caller);
  } catch (error) {
    if (!(error instanceof Problem) || !GONE.includes(error.code)) throw error;
    const { written } = document;
    // An app can be used, and set otherwise, for as long as it is there.
    if (written && Object.keys(body.parameters).length > 0) {
      return readTemplate({ store, id, readme: '', ...written });
    }
    const sentence = `${error.message} "${app.name}" stays as it is; its parameters can be changed with --set.`;
    throw new Problem(error.code, sentence, { cause: error });
  }
}

const GONE = ['not-found', 'template-disabled'];
