import { Grant } from './permissions.ts';
import { DnsLabel, Type } from './schema.ts';

const MEBIBYTE = 1024 * 1024;

/** What is to run, and with what: a template of a store, or a compose file of one's own. */
export const appSource = {
  template: Type.Optional(DnsLabel),
  store: Type.Optional(DnsLabel),
  compose: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MEBIBYTE,
      description: 'a compose file, in place of template and store',
    }),
  ),
  files: Type.Optional(
    Type.Record(Type.String({ pattern: '^[^\\u0000]{1,500}$' }), Type.String(), {
      description: 'texts that the compose file names, by their path below its folder',
      maxProperties: 128,
      additionalProperties: false,
    }),
  ),
  name: Type.Optional(DnsLabel),
  network: Type.Optional(DnsLabel),
  /** Where it is placed for its whole life; `local` when left out. */
  engine: Type.Optional(DnsLabel),
  parameters: Type.Record(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' }),
    Type.String({ maxLength: 65536 }),
    { default: {}, maxProperties: 128, additionalProperties: false },
  ),
  grants: Type.Optional(
    Type.Array(Grant, {
      description: 'what the app may beyond what every app may; for administrators',
      maxItems: 64,
    }),
  ),
};
