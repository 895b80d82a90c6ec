import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, oneOf, Port, type Static, Timestamp, Type } from './schema.ts';

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
  tags: Type.Array(Type.String()),
  enabled: Type.Boolean({
    description: 'false: administrators alone see it, and nobody deploys it',
  }),
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
  permissions: Type.Array(Type.Object({ permission: Type.String(), reason: Type.String() }), {
    description: 'what an administrator has to grant, and what the template needs it for',
  }),
});
export type TemplateDetails = Static<typeof TemplateDetails>;

export const Store = Type.Object({
  name: DnsLabel,
  kind: oneOf('builtin', 'git', 'folder', 'own'),
  templates: Type.Integer({ minimum: 0 }),
  location: Type.Union([Type.String(), Type.Null()], {
    description: 'a URL, or a folder; null: it has no place outside cep',
  }),
  signed: Type.Boolean({ description: 'only what its key signed is taken' }),
  revision: Type.Union([Type.String(), Type.Null()], { description: 'the git commit' }),
  refreshedAt: Type.Union([Timestamp, Type.Null()]),
  warnings: Type.Array(Type.String(), { description: 'what was not taken, and why' }),
  everyone: Type.Boolean({ description: 'whether every project sees it and deploys from it' }),
  projects: Type.Array(DnsLabel, {
    description: 'those that do, besides administrators; others than these are told only their own',
  }),
});
export type Store = Static<typeof Store>;

export const listStores = endpoint({
  method: 'get',
  path: '/v1/stores',
  summary: 'List the app stores that the project sees',
  status: 200,
  reply: Type.Object({ stores: Type.Array(Store) }),
});

export const addStore = endpoint({
  method: 'post',
  path: '/v1/stores',
  summary:
    'Add an app store: a git repository, a folder of the server, or an empty one; administrators only',
  status: 201,
  body: closed({
    name: DnsLabel,
    location: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2000,
        description: 'without it, templates are put into the store one by one',
      }),
    ),
    key: Type.Optional(
      Type.String({ maxLength: 100, description: 'Ed25519 public key, 32 bytes in base64' }),
    ),
    everyone: Type.Boolean({
      default: true,
      description: 'false: for administrators until it is shared',
    }),
  }),
  reply: Store,
});

export const shareStore = endpoint({
  method: 'put',
  path: '/v1/stores/:store/shares',
  summary: 'Say who sees a store besides administrators, and deploys from it; administrators only',
  status: 200,
  params: closed({ store: DnsLabel }),
  body: closed({
    everyone: Type.Boolean({ default: false }),
    projects: Type.Array(DnsLabel, {
      default: [],
      maxItems: 1_000,
      uniqueItems: true,
      description: 'all of them: who is not named sees it no more',
    }),
  }),
  reply: Store,
});

export const refreshStore = endpoint({
  method: 'post',
  path: '/v1/stores/:store/refresh',
  summary: 'Look again at what an added store has; apps that run do not change',
  status: 200,
  params: closed({ store: DnsLabel }),
  reply: Store,
});

export const removeStore = endpoint({
  method: 'delete',
  path: '/v1/stores/:store',
  summary: 'Remove an added store; apps that were deployed from it stay',
  status: 204,
  params: closed({ store: DnsLabel }),
});

export const listTemplates = endpoint({
  method: 'get',
  path: '/v1/stores/:store/apps',
  summary: 'List the templates of a store',
  status: 200,
  params: closed({ store: DnsLabel }),
  reply: Type.Object({ templates: Type.Array(Template) }),
});

const params = closed({ store: DnsLabel, app: DnsLabel });

export const getTemplate = endpoint({
  method: 'get',
  path: '/v1/stores/:store/apps/:app',
  summary: 'Show one template with its parameters',
  status: 200,
  params,
  reply: TemplateDetails,
});

const Text = Type.String({ maxLength: 256 * 1024 });

export const putTemplate = endpoint({
  method: 'put',
  path: '/v1/stores/:store/apps/:app',
  summary:
    'Put a template, or a later revision of it, into a store that has no location; administrators only',
  status: 200,
  params,
  body: closed({ compose: Text, readme: Type.String({ ...Text, default: '' }) }),
  reply: Template,
});

export const changeTemplate = endpoint({
  method: 'patch',
  path: '/v1/stores/:store/apps/:app',
  summary: 'Enable or disable a template; apps that run do not change; administrators only',
  status: 200,
  params,
  body: closed({ enabled: Type.Boolean() }),
  reply: Template,
});

export const removeTemplate = endpoint({
  method: 'delete',
  path: '/v1/stores/:store/apps/:app',
  summary: 'Remove a template that was put into a store; apps of it stay; administrators only',
  status: 204,
  params,
});
