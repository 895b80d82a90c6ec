import { readdir, readFile } from 'node:fs/promises';
import { readTemplate, type Template } from './template.ts';

export interface Store {
  readonly name: string;
  /** By id, in the order of the ids. */
  readonly templates: ReadonlyMap<string, Template>;
}

const NAME = 'cep';
/** Beside the sources and beside what is built from them: both lie one folder below the package. */
const FOLDER = new URL('../../store/', import.meta.url);

/** Reads the store that cep brings with it. A template that cannot be read is a defect of cep. */
export async function loadBuiltinStore(): Promise<Store> {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  const ids = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const templates = await Promise.all(ids.sort().map(loadTemplate));
  return { name: NAME, templates: new Map(templates.map((template) => [template.id, template])) };
}

async function loadTemplate(id: string): Promise<Template> {
  const file = (name: string) => readFile(new URL(`${id}/${name}`, FOLDER), 'utf8');
  const [compose, readme] = await Promise.all([file('compose.yaml'), file('README.md')]);
  try {
    return readTemplate({ store: NAME, id, compose, readme });
  } catch (cause) {
    throw new Error(`The template "${id}" of the built-in store cannot be read.`, { cause });
  }
}
