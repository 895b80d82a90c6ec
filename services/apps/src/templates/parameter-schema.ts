/** What a person can set of an app, as `x-cep/parameters` says it. */
import { closed, oneOf, type Static, Type } from '@cep/contracts/schema';

export const Line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\n]*$' });
export const Flag = Type.Boolean({ default: false });
const VariableName = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' });

const PARAMETER_TYPES = [
  'string',
  'text',
  'password',
  'secret',
  'integer',
  'number',
  'boolean',
  'select',
  'multiselect',
  'ip',
  'user',
  'port',
  'size',
  'duration',
  'url',
  'hostname',
  'email',
  'timezone',
  'file',
] as const;

const Generate = closed({
  kind: oneOf(
    ...(['hex', 'alnum', 'base64', 'base64url', 'uuid', 'passphrase', 'jwtSecret'] as const),
    ...(['rsa', 'ed25519', 'vapid'] as const),
  ),
  bytes: Type.Optional(
    Type.Integer({ minimum: 8, maximum: 128, description: 'how much randomness, 8 to 128 bytes' }),
  ),
});
export type Generate = Static<typeof Generate>;

export const TemplateParameter = closed({
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
  sensitive: Flag,
  target: Type.Optional(oneOf('env', 'file')),
  placeholder: Type.Optional(Line),
  group: Type.Optional(Line),
  advanced: Flag,
  showIf: Type.Optional(closed({ param: VariableName, equals: Type.String() })),
});
export type TemplateParameter = Static<typeof TemplateParameter>;
