/** A template: one compose file whose `x-cep` header says what people see and can set. */
import { Problem } from '@cep/contracts/problems';
import { OWN_FILE } from '@cep/contracts/templates';
import type { Lookup } from '../compose/interpolate.ts';
import { readYaml, type Tree } from '../compose/read-yaml.ts';
import { withAddresses } from '../endpoints/variables.ts';
import { version } from '../version.ts';
import { type Builtins, builtin } from './builtins.ts';
import { assertNewEnough } from './min-version.ts';
import { assertInside } from './outside.ts';
import { assertParameters } from './parameter-checks.ts';
import { type Sources, variablesOf } from './parameters.ts';
import { faultOf } from './probe.ts';
import { assertUses } from './uses.ts';
import { checkXCep, type XCep } from './x-cep.ts';

export interface Template extends Readonly<XCep> {
  readonly store: string;
  /** Markdown, for people. */
  readonly description: string;
  /** The compose document without its header, not interpolated. */
  readonly document: { readonly [key: string]: Tree };
  /** As it was written: a generation keeps it, whatever becomes of the template. */
  readonly written: Written;
}

export interface Written {
  readonly compose: string;
  /** Texts beside the compose file, by their path below its folder. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Reads a template; it may then still fail to render, for what only values can show.
 *
 * @param id  what the template must call itself, the name of its folder
 * @throws {Problem} `invalid-request` that names the path
 */
export function readTemplate({
  store,
  id,
  compose,
  readme,
  files = {},
}: Record<'store' | 'id' | 'compose' | 'readme', string> & Partial<Written>): Template {
  const tree = readYaml(compose, 'compose.yaml');
  if (tree === null || typeof tree === 'string' || Array.isArray(tree)) {
    throw refused('compose.yaml must be a map');
  }
  const { 'x-cep': header, ...document } = tree;
  if (header === undefined) throw refused('compose.yaml has no x-cep');
  const template = completeTemplate({
    store,
    readme,
    header,
    document,
    written: { compose, files },
  });
  if (template.id !== id) throw refused(`x-cep/id must be "${id}", as its folder is`);
  return template;
}

interface Parts extends Pick<Template, 'store' | 'document' | 'written'> {
  readonly readme: string;
  readonly header: Tree;
}

/** @throws {Problem} `invalid-request` for a header that is wrong in itself or for its document */
export function completeTemplate({ store, readme, header, document, written }: Parts): Template {
  assertNewEnough(header, version);
  assertInside(header);
  const xCep = checkXCep(structuredClone(header));
  assertParameters(xCep.parameters);
  const description = readme || (xCep.description ?? '');
  const template = { ...xCep, store, description, document, written };
  assertUses(template, statedEndpoints(template));
  assertProbes(xCep, document);
  assertCredentials(xCep);
  return template;
}

/** @returns nothing where they are only known once its ports are: a file of one's own names none */
function statedEndpoints({ store, endpoints }: Pick<Template, 'store' | 'endpoints'>) {
  return store === OWN_FILE && endpoints.length === 0 ? undefined : endpoints;
}

function assertCredentials({ credentials = [], parameters }: XCep): void {
  for (const [index, { passwordParam }] of credentials.entries()) {
    if (passwordParam === undefined) continue;
    if (parameters.some(({ name }) => name === passwordParam)) continue;
    const path = `x-cep/credentials/${index}/passwordParam`;
    throw refused(`${path} is "${passwordParam}", which is no parameter`);
  }
}

/** @throws {Problem} for a test that would prove nothing */
function assertProbes({ endpoints, tests }: XCep, { services = {} }: Template['document']): void {
  const known = {
    endpoints: endpoints.map(({ name }) => name),
    services: Object.keys(services ?? {}),
  };
  for (const [index, probe] of (tests?.probe ?? []).entries()) {
    const fault = faultOf(probe, known);
    if (fault) throw refused(`x-cep/tests/probe/${index} ${fault}`);
  }
}

/** Finds the values of a template's parameters and of what is built in, and of nothing else. */
export function lookupIn(
  template: Template,
  values: Readonly<Record<string, string>>,
  builtins: Builtins,
): Lookup {
  const declared = new Set(variablesOf(template.parameters));
  const endpoints = statedEndpoints(template);
  return (name) => {
    if (!declared.has(name)) return builtin(name, builtins, { endpoints });
    return Object.hasOwn(values, name) ? values[name] : undefined;
  };
}

/** What defaults can have in them, beside other parameters. */
export function sourcesOf(template: Template, builtins: Builtins): Omit<Sources, 'random'> {
  const endpoints = statedEndpoints(template);
  const { CEP_HOST: address } = builtins;
  // Which ports they will be is not known yet; whether a value is a URL is.
  const ports = template.endpoints.map(({ service, port }) => ({
    ...{ service, target: port, protocol: 'tcp', port },
  }));
  return {
    builtin: (name) => builtin(name, builtins, { endpoints }),
    foreseen: (value) => withAddresses(value, template.endpoints, { address, ports }),
  };
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
