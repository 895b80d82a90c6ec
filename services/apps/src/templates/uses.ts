/** Where a template uses which variable, and whether it can there. Pure. */
import { Problem } from '@cep/contracts/problems';
import { atPath } from '../compose/at-path.ts';
import { variablesIn, variablesInTree } from '../compose/interpolate.ts';
import type { Endpoint } from '../compose/model.ts';
import type { Tree } from '../compose/read-yaml.ts';
import { isEndpointVariable } from '../endpoints/variables.ts';
import { assertBuiltin } from './builtins.ts';
import { madeOf } from './parameter-checks.ts';
import { isForFiles, variablesOf } from './parameters.ts';
import type { XCep } from './x-cep.ts';

type Document = { readonly [key: string]: Tree };

interface Used extends Pick<XCep, 'files' | 'hooks' | 'parameters' | 'notes' | 'credentials'> {
  readonly document: Document;
}

interface Use {
  readonly name: string;
  readonly path: string;
}

/** Where an app can be told its own addresses: the rest decides which they are. */
const TOLD =
  /^(x-cep\/|compose\/(services\/[^/]+\/(environment|command|entrypoint|healthcheck)|configs\/[^/]+\/content)(\/|$))/;
/** What becomes a file in a container. */
const FILE = /^(x-cep\/(files|parameters)|compose\/(configs|secrets)\/)/;

/**
 * @param endpoints  those of the app; left out: they are not known yet
 * @throws {Problem} `invalid-request` for a variable that nobody knows, or in a place where its value
 *   cannot be known or is not to be
 */
export function assertUses(template: Used, endpoints?: readonly Pick<Endpoint, 'name'>[]): void {
  const { parameters } = template;
  const declared = new Set(variablesOf(parameters));
  const forFiles = new Set(parameters.filter(isForFiles).map(({ name }) => name));
  const addressed = madeOf(parameters, (name) => !declared.has(name) && isEndpointVariable(name));
  for (const { name, path } of usesOf(template)) {
    if (!declared.has(name)) assertBuiltin(name, { endpoints }, path);
    if (addressed.has(name) && !endpoints) {
      throw refused(`x-cep/parameters: ${name} has an address in it: name it in x-cep/endpoints`);
    }
    if (forFiles.has(name) && !FILE.test(path)) {
      throw refused(
        `${path} has ${name}, which is for files alone: use it in x-cep/files or configs`,
      );
    }
    const isAddress = addressed.has(name) || (!declared.has(name) && isEndpointVariable(name));
    if (isAddress && !TOLD.test(path)) {
      throw refused(`${path} has ${name}, which is known only when ports are: ${WHERE}`);
    }
  }
}

const WHERE = 'use it in environment, command, entrypoint, healthcheck, hooks or files';

function usesOf({ document, files, hooks = {}, parameters, ...told }: Used): Use[] {
  const { notes, credentials = [] } = told;
  const inTexts = (path: string, text = '') =>
    atPath(path, () => variablesIn(text)).map((name) => ({ name, path }));
  return [
    ...variablesInTree(document),
    ...passedOn(document),
    ...inTexts('x-cep/notes', notes),
    ...credentials.flatMap(({ user }, index) => inTexts(`x-cep/credentials/${index}/user`, user)),
    ...files.flatMap(({ target, content }) => inTexts(`x-cep/files ${target}`, content)),
    ...parameters.flatMap((each) => inTexts(`x-cep/parameters: ${each.name}`, each.default)),
    ...Object.entries(hooks).flatMap(([phase, { environment = {} }]) =>
      variablesInTree(environment, `x-cep/hooks/${phase}/environment`),
    ),
  ];
}

/** Names in `environment` that have no value there: compose takes those of its own environment. */
export function passedOn({ services = null }: Document): Use[] {
  return Object.entries(isMap(services) ? services : {}).flatMap(([service, each]) => {
    const environment = isMap(each) ? (each.environment ?? null) : null;
    const path = `compose/services/${service}/environment`;
    const names = Array.isArray(environment)
      ? environment.filter((entry) => isName(entry))
      : Object.entries(isMap(environment) ? environment : {}).flatMap(([name, value]) =>
          value === null ? name : [],
        );
    return names.map((name) => ({ name, path }));
  });
}

const isName = (entry: Tree): entry is string => typeof entry === 'string' && !entry.includes('=');

export const isMap = (tree: Tree | undefined): tree is { [key: string]: Tree } =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
