/**
 * What a backup has of an app beside its data: enough to make it anew where nothing of it is left. It is
 * sealed in the database; and it lies in the repository, which restic encrypts, for whoever has that alone.
 */
import { Problem } from '@cep/contracts/problems';
import { OWN_FILE } from '@cep/contracts/templates';
import type { Sealer } from '@cep/sealing/sealer';
import type { Document } from '../generations/document.ts';
import { readOwnFile } from '../templates/own-file.ts';
import { readTemplate, type Template } from '../templates/template.ts';

const purpose = (backup: string): string => `backup:${backup}`;

export const sealFor = (sealer: Sealer, backup: string, document: Document): Buffer =>
  sealer.seal(Buffer.from(JSON.stringify(document)), purpose(backup));

/** @throws {Error} when it was sealed for another backup or under another master key */
export const openFor = (sealer: Sealer, backup: string, sealed: Uint8Array): Document =>
  JSON.parse(sealer.open(sealed, purpose(backup)).toString()) as Document;

interface Source {
  readonly app: string;
  readonly store: string;
  readonly template: string;
  readonly version: string;
}

/** As it lies in the repository, for people and other programs. Secrets are in it. */
export function describeFor({ app, store, template, version }: Source, document: Document): string {
  const { written, parameters, requested, rendered } = document;
  const what = { format: 1, app, store, template, version, written, parameters, requested };
  return `${JSON.stringify({ ...what, rendered }, null, 1)}\n`;
}

/**
 * The template that an app was made from, as it was then.
 *
 * @throws {Problem} `backup-unusable` when this cep does not understand it, e.g. since a newer one made it
 */
export function templateOf(
  { app, store, template }: Pick<Source, 'app' | 'store' | 'template'>,
  { written }: Document,
): Template {
  const unusable = (why: string, cause?: unknown) =>
    new Problem('backup-unusable', `The template in the backup of "${app}" ${why}`, { cause });
  if (!written) throw unusable('was not kept: it is of a first version of cep.');
  try {
    if (store === OWN_FILE) return readOwnFile({ ...written, name: template });
    return readTemplate({ store, id: template, readme: '', ...written });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw unusable(`is newer than this cep: ${error.message} Update cep, then try again.`, error);
  }
}
