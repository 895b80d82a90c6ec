import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, oneOf, Port, type Static, Type } from './schema.ts';

/** Stands in place of a store for a compose file of one's own; no store may be called so. */
export const OWN_FILE = 'file';

/** What a person can set when deploying; the full language of `x-cep` is in services/apps. */
export const Parameter = Type.Object({
  name: Type.String(),
  type: Type.String(),
  label: Type.String(),
  help: Type.Union([Type.String(), Type.Null()]),
  default: Type.Union([Type.String(), Type.Null()]),
  required: Type.Boolean(),
  generated: Type.Boolean({ description: 'made at random when not given' }),
  sensitive: Type.Boolean(),
});
export type Parameter = Static<typeof Parameter>;

export const Template = Type.Object({
  store: DnsLabel,
  id: DnsLabel,
  name: Type.String(),
  version: Type.String(),
  summary: Type.String(),
  categories: Type.Array(Type.String()),
});
export type Template = Static<typeof Template>;

export const TemplateDetails = Type.Object({
  ...Template.properties,
  description: Type.String(),
  website: Type.Union([Type.String(), Type.Null()]),
  parameters: Type.Array(Parameter),
  services: Type.Array(Type.Object({ name: DnsLabel, image: Type.String() })),
  endpoints: Type.Array(
    Type.Object({ name: DnsLabel, service: DnsLabel, port: Port, protocol: Type.String() }),
  ),
  volumes: Type.Array(DnsLabel),
});
export type TemplateDetails = Static<typeof TemplateDetails>;

export const listStores = endpoint({
  method: 'get',
  path: '/v1/stores',
  summary: 'List the app stores',
  status: 200,
  reply: Type.Object({
    stores: Type.Array(
      Type.Object({ name: DnsLabel, kind: oneOf('builtin'), templates: Type.Integer() }),
    ),
  }),
});

export const listTemplates = endpoint({
  method: 'get',
  path: '/v1/stores/:store/apps',
  summary: 'List the templates of a store',
  status: 200,
  params: closed({ store: DnsLabel }),
  reply: Type.Object({ templates: Type.Array(Template) }),
});

export const getTemplate = endpoint({
  method: 'get',
  path: '/v1/stores/:store/apps/:app',
  summary: 'Show one template with its parameters',
  status: 200,
  params: closed({ store: DnsLabel, app: DnsLabel }),
  reply: TemplateDetails,
});
