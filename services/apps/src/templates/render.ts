import { Problem } from '@cep/contracts/problems';
import { interpolateTree, variablesInTree } from '../compose/interpolate.ts';
import type { RenderedApp } from '../compose/model.ts';
import { normalise } from '../compose/normalise.ts';
import type { Tree } from '../compose/read-yaml.ts';
import { type Builtins, lookupIn, type Template } from './template.ts';

/**
 * Renders a template for one app. Pure: the same arguments give the same app.
 *
 * @param values  as {@link resolveParameters} gives them; names that are not declared are not seen
 * @throws {Problem} `invalid-request` that names the path, for whatever cep cannot run as it is written
 */
export function render(
  template: Template,
  values: Readonly<Record<string, string>>,
  builtins: Builtins,
): RenderedApp {
  const lookup = lookupIn(template, values, builtins);
  const app = normalise(interpolateTree({ ...template.document }, lookup), {
    lookup,
    fixed: (service, entry) => choosesPort(template, values, service, entry),
  });
  for (const volume of Object.keys(template.volumes)) {
    if (!app.volumes.includes(volume)) throw refused(`x-cep/volumes has "${volume}", compose not`);
  }
  for (const { name, service, port } of template.endpoints) {
    const ports = app.services.find((candidate) => candidate.name === service)?.ports ?? [];
    if (!ports.some(({ target }) => target === port)) {
      throw refused(`x-cep/endpoints: "${name}" is port ${port} of "${service}", not published`);
    }
  }
  return { ...app, endpoints: template.endpoints };
}

/** A person chose a port when its entry names a parameter of type port that has a value. */
function choosesPort(
  { document, parameters }: Template,
  values: Readonly<Record<string, string>>,
  service: string,
  entry: number,
): boolean {
  const text = at(at(at(at(document, 'services'), service), 'ports'), `${entry}`);
  const given = parameters.filter(
    ({ name, type }) => type === 'port' && Object.hasOwn(values, name),
  );
  const used = variablesInTree(text ?? null).map(({ name }) => name);
  return given.some(({ name }) => used.includes(name));
}

const at = (tree: Tree | Template['document'] | undefined, key: string): Tree | undefined =>
  typeof tree === 'object' && tree !== null && Object.hasOwn(tree, key)
    ? (tree as { [key: string]: Tree })[key]
    : undefined;

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
