/** The `x-cep` header of a template: who it is, what it asks for, what it offers. */
import { checker } from '@cep/contracts/check';
import { closed, DnsLabel, oneOf, Port, type Static, Type } from '@cep/contracts/schema';
import { Tests } from './probe.ts';

const Line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\n]*$' });
const Url = Type.String({ pattern: '^https?://[^\\s]+$', description: 'an http or https URL' });

const PARAMETER_TYPES = [
  'string',
  'text',
  'password',
  'secret',
  'integer',
  'number',
  'boolean',
  'select',
  'port',
  'size',
  'duration',
  'url',
  'hostname',
  'email',
  'timezone',
] as const;

const Generate = closed({
  kind: oneOf('hex', 'alnum', 'base64url', 'uuid', 'passphrase'),
  bytes: Type.Optional(
    Type.Integer({ minimum: 8, maximum: 128, description: 'how much randomness, 8 to 128 bytes' }),
  ),
});
export type Generate = Static<typeof Generate>;

const TemplateParameter = closed({
  name: Type.String({
    pattern: '^(?!CEP_)[A-Za-z_][A-Za-z0-9_]{0,63}$',
    description: 'letters, digits and underscores, not beginning with CEP_',
  }),
  type: oneOf(...PARAMETER_TYPES),
  label: Line,
  help: Type.Optional(Type.String({ maxLength: 1000 })),
  default: Type.Optional(Type.String({ maxLength: 65536 })),
  required: Type.Boolean({ default: false }),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
  minLength: Type.Optional(Type.Integer({ minimum: 0 })),
  maxLength: Type.Optional(Type.Integer({ minimum: 1 })),
  pattern: Type.Optional(Type.String({ format: 'regex', maxLength: 500 })),
  patternError: Type.Optional(Line),
  options: Type.Optional(
    Type.Array(closed({ value: Type.String(), label: Type.Optional(Line) }), { minItems: 1 }),
  ),
  generate: Type.Optional(Generate),
  immutable: Type.Boolean({ default: false, description: 'of no effect after the first start' }),
  sensitive: Type.Boolean({ default: false }),
});
export type TemplateParameter = Static<typeof TemplateParameter>;

const TemplateEndpoint = closed({
  name: DnsLabel,
  service: DnsLabel,
  port: Port,
  scheme: Type.String({
    pattern: '^[a-z][a-z0-9+.-]{0,30}$',
    description: 'a URL scheme such as http',
  }),
  path: Type.String({ default: '', pattern: '^(/[^\\s]*)?$' }),
});

/** What is kept in a volume, which says what losing it would mean. */
const VolumeUse = closed({ class: oneOf('data', 'cache', 'media', 'config') });

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
  tests: Type.Optional(Tests),
});
export type XCep = Static<typeof XCep>;

/** @throws {Problem} `invalid-request` that names the path and the key */
export const checkXCep = checker(XCep, 'x-cep', 'scalars');
