import type * as contract from '@cep/contracts/templates';
import { interpolate, type Lookup } from '../compose/interpolate.ts';
import type { Tree } from '../compose/read-yaml.ts';
import type { TemplateParameter } from './parameter-schema.ts';
import { isSensitive } from './parameters.ts';
import type { Template } from './template.ts';

/** A template as it stands in a list, but for what administrators say of it. */
export type Outline = Omit<contract.Template, 'enabled'>;

export const summariseTemplate = (template: Template): Outline => ({
  store: template.store,
  id: template.id,
  name: template.name,
  version: template.version,
  summary: template.summary,
  categories: template.categories,
  tags: template.tags,
});

/** A template as people see it before they deploy it, with the images that its defaults would give. */
export const describeTemplate = (
  template: Template,
): Omit<contract.TemplateDetails, 'enabled'> => ({
  ...summariseTemplate(template),
  description: template.description,
  website: template.website ?? null,
  parameters: template.parameters.map(describeParameter),
  services: Object.entries(membersOf(template.document.services)).map(([name, service]) => ({
    name,
    image: interpolate(textOf(membersOf(service).image), defaultsOf(template)),
  })),
  endpoints: template.endpoints.map(({ name, service, port, scheme }) => ({
    name,
    service,
    port,
    protocol: scheme,
  })),
  volumes: Object.keys(membersOf(template.document.volumes)),
  permissions: template.permissions.map(({ permission, reason }) => ({ permission, reason })),
});

const describeParameter = (parameter: TemplateParameter): contract.Parameter => ({
  name: parameter.name,
  type: parameter.type,
  label: parameter.label,
  help: parameter.help ?? null,
  default: parameter.default ?? null,
  required: parameter.required,
  generated: parameter.generate !== undefined,
  sensitive: isSensitive(parameter),
});

/** What must be given, or comes from cep, stands as its name: `<VERSION>`. */
function defaultsOf({ parameters }: Template): Lookup {
  const lookup: Lookup = (name) => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    const absent = parameter && !parameter.required && !parameter.generate;
    if (parameter?.default !== undefined) return interpolate(parameter.default, lookup);
    return absent ? undefined : `<${name}>`;
  };
  return lookup;
}

const textOf = (tree: Tree | undefined) => (typeof tree === 'string' ? tree : '');

const membersOf = (tree: Tree | undefined): { [key: string]: Tree } =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
