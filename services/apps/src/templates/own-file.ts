/** A compose file of one's own as a template that nobody else has. */
import { Problem } from '@cep/contracts/problems';
import { DNS_LABEL } from '@cep/contracts/schema';
import { OWN_FILE } from '@cep/contracts/templates';
import { variablesInTree } from '../compose/interpolate.ts';
import { readYaml, type Tree } from '../compose/read-yaml.ts';
import { isPair, publicName } from './key-pairs.ts';
import { completeTemplate, type Template } from './template.ts';
import { isMap, passedOn } from './uses.ts';

interface OwnFile {
  readonly compose: string;
  /** Texts beside it, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** What the app is to be called, if not as the file says. */
  readonly name: string | undefined;
}

type Map = { readonly [key: string]: Tree };

const SECRET = /pass|secret|token|credential|private|(^|_)key(_|$)|apikey/i;

/** Whether a name tells that its value is nobody's business. */
export const soundsSecret = (name: string): boolean => SECRET.test(name);

/**
 * Reads a file that needs no `x-cep`: what that would say is taken from the rest. A variable that is
 * not declared is a parameter, which is required where the file has no other value for it.
 *
 * @throws {Problem} `invalid-request` that names the path
 */
export function readOwnFile({ compose, files, name }: OwnFile): Template {
  const tree = readYaml(compose, 'compose.yaml');
  if (!isMap(tree)) throw refused('compose.yaml must be a map');
  const { 'x-cep': given = {}, ...document } = tree;
  if (!isMap(given)) throw refused('x-cep must be a map');
  const id = given.id ?? document.name ?? name;
  if (typeof id !== 'string' || !new RegExp(`^${DNS_LABEL}$`).test(id)) {
    throw refused('The file does not say what the app is called: choose it with --name NAME');
  }
  const own = {
    schemaVersion: '1',
    name: id,
    version: '1',
    revision: '1',
    summary: 'A file of your own',
    categories: ['own'],
  };
  const parameters = Array.isArray(given.parameters) ? given.parameters : [];
  const header = {
    ...own,
    ...given,
    id,
    parameters: [...parameters, ...implied(document, namesOf(parameters))],
  };
  return completeTemplate({
    store: OWN_FILE,
    readme: '',
    header,
    document,
    written: { compose, files },
  });
}

function implied(document: Map, declared: readonly string[]): Map[] {
  const required = new Map<string, boolean>();
  for (const { name, isRequired } of variablesInTree({ ...document })) {
    required.set(name, isRequired || (required.get(name) ?? false));
  }
  for (const { name } of passedOn(document)) required.set(name, required.get(name) ?? false);
  const inFiles = [...toldTo(document.configs), ...toldTo(document.secrets)];
  for (const name of inFiles) required.set(name, true);
  const secret = new Set(toldTo(document.secrets));
  return [...required]
    .filter(([name]) => !declared.includes(name) && !name.startsWith('CEP_'))
    .map(([name, isRequired]) => ({
      name,
      type: 'text',
      label: name,
      required: String(isRequired),
      sensitive: String(secret.has(name) || soundsSecret(name)),
    }));
}

/** Variables whose values are the content of `configs` or `secrets`. */
const toldTo = (things: Tree | undefined): string[] =>
  Object.values(isMap(things) ? things : {}).flatMap((thing) =>
    isMap(thing) && typeof thing.environment === 'string' ? thing.environment : [],
  );

/** The variables that the file declares itself. */
const namesOf = (parameters: readonly Tree[]): string[] =>
  parameters.flatMap((each) => {
    if (!isMap(each) || typeof each.name !== 'string') return [];
    const { name, generate } = each;
    const kind = isMap(generate) && typeof generate.kind === 'string' ? generate.kind : undefined;
    return isPair(kind) ? [name, publicName(name)] : name;
  });

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
