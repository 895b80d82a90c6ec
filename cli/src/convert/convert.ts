/** Which converter a file is for, and its result for each app in it. Pure. */
import { convertCasaos } from './casaos.ts';
import { convertCompose, NotConvertible } from './compose.ts';
import {
  type Converted,
  isMembers,
  listOf,
  type Members,
  membersOf,
  slug,
  type Tree,
} from './draft.ts';
import { convertPortainer } from './portainer.ts';

export const SOURCES = ['compose', 'portainer', 'casaos'] as const;
export type Source = (typeof SOURCES)[number];

export interface Conversion {
  readonly apps: readonly Converted[];
  /** One sentence for each app that could not be converted. */
  readonly refused: readonly string[];
}

interface Options {
  readonly from?: Source;
  /** Names an app that does not name itself, such as the folder of the file. */
  readonly otherwise: string;
  readonly stackFile: (path: string) => Members | undefined;
}

/** @param document  the parsed file */
export function convert(document: Tree, { from, otherwise, stackFile }: Options): Conversion {
  const source = from ?? sourceOf(document);
  const works: (() => Converted)[] =
    source === 'portainer'
      ? templatesOf(document).map((each) => () => convertPortainer(membersOf(each), stackFile))
      : [() => convertOne(source, membersOf(document), otherwise)];
  const apps = new Map<string, Converted>();
  const refused: string[] = [];
  for (const work of works) {
    try {
      const app = work();
      if (apps.has(app.id)) refused.push(`There are two "${app.id}"; the first is taken.`);
      else apps.set(app.id, app);
    } catch (error) {
      if (!(error instanceof NotConvertible)) throw error;
      refused.push(error.message);
    }
  }
  return { apps: [...apps.values()], refused };
}

const convertOne = (source: Source, document: Members, otherwise: string): Converted => {
  if (source === 'casaos') return convertCasaos(document, otherwise);
  const name = typeof document.name === 'string' ? document.name : otherwise;
  return convertCompose(document, { id: slug(name) });
};

const templatesOf = (document: Tree): Tree[] =>
  Array.isArray(document) ? document : listOf(membersOf(document).templates);

function sourceOf(document: Tree): Source {
  if (Array.isArray(document) || (isMembers(document) && document.templates)) return 'portainer';
  return isMembers(document) && document['x-casaos'] ? 'casaos' : 'compose';
}
