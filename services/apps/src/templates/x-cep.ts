/** The `x-cep` header of a template: who it is, what it asks for, what it offers. */
import { BackupMode } from '@cep/contracts/backups';
import { checker } from '@cep/contracts/check';
import { Permission } from '@cep/contracts/permissions';
import { closed, DnsLabel, oneOf, Port, type Static, Type } from '@cep/contracts/schema';
import { Flag, Line, TemplateParameter } from './parameter-schema.ts';
import { Tests } from './probe.ts';

const Url = Type.String({ pattern: '^https?://[^\\s]+$', description: 'an http or https URL' });

/** One of a few words, the first unless it is said. */
const oneOfWithDefault = <const W extends string[]>(standard: W[number], ...words: W) =>
  Type.Unsafe<W[number]>({ ...oneOf(...words), default: standard });

const Text = Type.String({ maxLength: 20_000 });
const Duration = Type.String({
  pattern: '^(\\d{1,6}(ms|s|m|h))+$',
  description: 'a duration such as 30s or 5m',
});
const Size = Type.String({
  pattern: '^\\d{1,12}([kmgt]b?|b)?$',
  description: 'a size such as 512m',
});
const Command = Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 64 });

const UserNumber = Type.Integer({ minimum: 0, maximum: 65_535 });

/** Without what would end a text that it stands in. */
const UrlPath = Type.String({
  maxLength: 200,
  pattern: '^(/[A-Za-z0-9._~!&()*+,;=:@%/?#-]*)?$',
  description: 'a path as in a URL, such as /admin',
});

/** As whom people sign in; the password is the value of a parameter. */
const Credential = closed({
  label: Line,
  user: Type.Optional(Line),
  passwordParam: Type.Optional(Line),
});

const TemplateEndpoint = closed({
  name: DnsLabel,
  service: DnsLabel,
  port: Port,
  scheme: Type.String({
    pattern: '^[a-z][a-z0-9+.-]{0,30}$',
    description: 'a URL scheme such as http',
  }),
  path: Type.String({ ...UrlPath, default: '' }),
  main: Flag,
  publish: oneOfWithDefault('required', 'required', 'allowed'),
  health: Type.Optional(
    closed({
      path: Type.String({ pattern: '^/[^\\s]*$' }),
      status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
      timeout: Type.Optional(Duration),
    }),
  ),
});

/** What is kept in a volume, which says what losing it would mean, and how it is treated. */
const VolumeUse = closed({
  class: oneOf('data', 'cache', 'media', 'config'),
  backup: Type.Optional(oneOf('include', 'exclude')),
  exclude: Type.Optional(Type.Array(Line, { maxItems: 64 })),
  size: Type.Optional(Size),
  pool: Type.Optional(DnsLabel),
  retain: Type.Boolean({ default: true }),
  uid: Type.Optional(UserNumber),
  gid: Type.Optional(UserNumber),
  mode: Type.Optional(
    Type.String({ pattern: '^[0-3][0-7]{3}$', description: 'such as 0750, without set-user-id' }),
  ),
});

/** A file that is written into a service before it starts; its content may have variables. */
const TemplateFile = closed({
  service: DnsLabel,
  target: Type.String({ pattern: '^/[^\\u0000]+$', description: 'an absolute path' }),
  content: Type.Optional(Type.String({ maxLength: 262_144 })),
  asset: Type.Optional(Line),
  mode: Type.String({ default: '0444', pattern: '^0[0-7]{3}$', description: 'such as 0444' }),
  uid: Type.Unsafe<number>({ ...UserNumber, default: 0 }),
  gid: Type.Unsafe<number>({ ...UserNumber, default: 0 }),
  format: oneOfWithDefault('none', 'none', 'json', 'yaml', 'toml', 'env'),
});
export type TemplateFile = Static<typeof TemplateFile>;

/** A program of the app's own that is run in a container at a point of its life. */
const Hook = closed({
  service: DnsLabel,
  command: Command,
  environment: Type.Optional(
    Type.Unsafe<Record<string, string>>({
      type: 'object',
      additionalProperties: Type.String(),
    }),
  ),
  timeout: Duration,
  onFailure: oneOfWithDefault('abort', 'abort', 'warn'),
});
const Hooks = closed({
  preDeploy: Type.Optional(Hook),
  postInstall: Type.Optional(Hook),
  preUpdate: Type.Optional(Hook),
  postUpdate: Type.Optional(Hook),
  preDestroy: Type.Optional(Hook),
});

const Update = closed({
  strategy: oneOfWithDefault('auto', 'auto', 'start-first', 'stop-first'),
  observe: Type.Optional(Duration),
  drain: Type.Optional(Duration),
  from: Type.Optional(Type.Integer({ minimum: 1 })),
  backupBefore: Type.Optional(Type.Boolean()),
  breaking: Type.Optional(
    Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: Line }),
  ),
});

/** What a service's database is, for backups that do not stop it; see backups/dumps/kinds.ts. */
const KnownDump = Type.String({
  pattern: '^(postgres|mysql|mariadb|mongo|redis|none|sqlite:(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)$',
  description: 'postgres, mysql, mariadb, mongo, redis, sqlite:/PATH or none',
});

/** Programs of the service's container: one prints a dump, the other reads it, into a fresh database. */
const OwnDump = closed({ dump: Command, load: Command });

export type DumpWish = string | Static<typeof OwnDump>;

const Dump = Type.Union([KnownDump, OwnDump]);

/** How the app is kept still while it is backed up, if not as cep thinks best; dumps by service. */
const Backups = closed({
  mode: Type.Optional(BackupMode),
  dumps: Type.Optional(
    Type.Unsafe<Record<string, DumpWish>>({ type: 'object', additionalProperties: Dump }),
  ),
});

/** What the app needs beyond what every app may have; an administrator grants it, or it is refused. */
const TemplatePermission = closed({ permission: Permission, reason: Line });

const Amounts = closed({
  memory: Type.Optional(Size),
  cpus: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
});

const XCep = closed({
  schemaVersion: Type.Integer({ minimum: 1, maximum: 1 }),
  id: DnsLabel,
  name: Line,
  version: Line,
  revision: Type.Integer({ minimum: 1 }),
  summary: Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\n]*$' }),
  categories: Type.Array(DnsLabel, { minItems: 1, maxItems: 5 }),
  tags: Type.Array(DnsLabel, { default: [], maxItems: 20 }),
  website: Type.Optional(Url),
  source: Type.Optional(Url),
  docs: Type.Optional(Url),
  license: Type.Optional(Line),
  parameters: Type.Array(TemplateParameter, { default: [], maxItems: 128 }),
  endpoints: Type.Array(TemplateEndpoint, { default: [], maxItems: 32 }),
  volumes: Type.Unsafe<Record<string, Static<typeof VolumeUse>>>({
    type: 'object',
    additionalProperties: VolumeUse,
    default: {},
  }),
  icon: Type.Optional(Line),
  screenshots: Type.Optional(Type.Array(Line, { maxItems: 10 })),
  description: Type.Optional(Text),
  minCepVersion: Type.Optional(Line),
  support: Type.Optional(Url),
  maintainers: Type.Optional(Type.Array(Line, { maxItems: 20 })),
  releaseNotes: Type.Optional(Text),
  deprecated: Type.Optional(
    closed({
      since: Type.Optional(Line),
      replacedBy: Type.Optional(DnsLabel),
      reason: Type.Optional(Line),
    }),
  ),
  architectures: Type.Optional(
    Type.Array(oneOf('amd64', 'arm64', 'arm', '386', 'ppc64le', 'riscv64', 's390x')),
  ),
  files: Type.Array(TemplateFile, { default: [], maxItems: 64 }),
  hooks: Type.Optional(Hooks),
  update: Type.Optional(Update),
  backup: Type.Optional(Backups),
  permissions: Type.Array(TemplatePermission, { default: [], maxItems: 32 }),
  resources: Type.Optional(
    closed({ default: Type.Optional(Amounts), minimum: Type.Optional(Amounts) }),
  ),
  notes: Type.Optional(Text),
  credentials: Type.Optional(Type.Array(Credential, { maxItems: 16 })),
  firstRunPath: Type.Optional(UrlPath),
  tests: Type.Optional(Tests),
});
export type XCep = Static<typeof XCep>;

/** @throws {Problem} `invalid-request` that names the path and the key */
export const checkXCep = checker(XCep, 'x-cep', 'scalars');
