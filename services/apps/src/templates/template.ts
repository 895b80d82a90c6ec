/** A template: one compose file whose `x-cep` header says what people see and can set. */
import { Problem } from '@cep/contracts/problems';
import { type Lookup, variablesIn, variablesInTree } from '../compose/interpolate.ts';
import { readYaml, type Tree } from '../compose/read-yaml.ts';
import { amountOf, assertValue } from './parameter-values.ts';
import { faultOf } from './probe.ts';
import { checkXCep, type TemplateParameter, type XCep } from './x-cep.ts';

/** What cep itself gives to every template. */
export const BUILTINS = ['CEP_APP_ID', 'CEP_APP_NAME', 'CEP_HOST', 'CEP_TZ'] as const;

/**
 * `CEP_APP_ID`: a UUID; `CEP_APP_NAME`: its DNS label; `CEP_HOST`: the address its ports are bound
 * to; `CEP_TZ`: a time zone such as `Europe/Rome`.
 */
export type Builtins = Readonly<Record<(typeof BUILTINS)[number], string>>;

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
  const xCep = checkXCep(structuredClone(header));
  const names = xCep.parameters.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw refused(`x-cep/parameters has ${twice} twice`);
  for (const parameter of xCep.parameters) assertSensible(parameter, names);
  assertDeclared(document, names);
  for (const { target, content } of xCep.files) {
    for (const name of variablesIn(content ?? '')) {
      if (!names.includes(name)) lookupBuiltin(name, `x-cep/files ${target}`);
    }
  }
  assertProbes(xCep, document);
  return { ...xCep, store, description: readme, document, written };
}

/** @throws {Problem} for a parameter that nobody could set or that contradicts itself */
function assertSensible(parameter: TemplateParameter, names: readonly string[]): void {
  const { name, type, options, generate, min, max, showIf } = parameter;
  const path = `x-cep/parameters: ${name}`;
  if (showIf && !names.includes(showIf.param)) {
    throw refused(`${path} is shown if "${showIf.param}", which is no parameter`);
  }
  if ((type === 'select' || type === 'multiselect') !== (options !== undefined)) {
    throw refused(`${path} must have options if, and only if, it is a select or multiselect`);
  }
  if ((min ?? max) !== undefined && amountOf(type, '1') === undefined) {
    throw refused(`${path} has a bound, but no order`);
  }
  if (parameter.default === undefined) return;
  if (generate) throw refused(`${path} is generated and has a default`);
  if (type === 'port') {
    throw refused(`${path} may not have a default; write \${${name}:-8080} where it is published`);
  }
  assertValue(parameter, parameter.default);
}

function assertDeclared(document: Template['document'], parameters: readonly string[]): void {
  for (const { name, path } of variablesInTree(document)) {
    if (!parameters.includes(name)) lookupBuiltin(name, path);
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
  const declared = new Set(template.parameters.map(({ name }) => name));
  return (name) => {
    if (!declared.has(name)) return builtins[lookupBuiltin(name)];
    return Object.hasOwn(values, name) ? values[name] : undefined;
  };
}

function lookupBuiltin(name: string, path?: string) {
  const builtin = BUILTINS.find((known) => known === name);
  if (builtin) return builtin;
  throw refused(`${path ? `${path}: ` : ''}${name} is neither a parameter nor built in`);
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
