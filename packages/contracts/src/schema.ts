/**
 * The words every contract is written in. A schema is declared once, here or beside its noun; its
 * TypeScript type is derived from it, and ajv checks it at the edge.
 */
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox';

/** The pattern, as the format alone also takes `urn:uuid:`, which is no id to a database. */
export const Id = Type.String({ format: 'uuid', pattern: '^[0-9a-fA-F-]{36}$' });
export const Timestamp = Type.String({ format: 'date-time', description: 'UTC, ISO 8601' });
export const Ipv4 = Type.String({ format: 'ipv4' });
export const Ipv6 = Type.String({ format: 'ipv6' });
export const Port = Type.Integer({ minimum: 1, maximum: 65535 });

/** For patterns that have a {@link DnsLabel} in them. */
export const DNS_LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

/** A name as DNS can carry it (RFC 1123, one label); names of things are nothing else. */
export const DnsLabel = Type.String({
  pattern: `^${DNS_LABEL}$`,
  description: 'lower-case letters, digits and inner hyphens, at most 63 characters',
});

/** An IPv4 range in CIDR notation. That the host bits are zero is checked where it is used. */
export const Ipv4Cidr = Type.String({
  pattern: '^(\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}$',
  description: 'an IPv4 range, e.g. 10.42.0.0/16',
});

/** An IPv6 range in CIDR notation. That the host bits are zero is checked where it is used. */
export const Ipv6Cidr = Type.String({
  pattern: '^[0-9a-f:]{2,39}/\\d{1,3}$',
  description: 'an IPv6 range, e.g. fd7c:1e0:9a44:1::/64',
});

/**
 * For what callers send: members that it does not name are refused, so that a misspelt one is an
 * error and not a default. What we send stays open, so that members can be added later.
 */
export const closed = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** One of a few words. */
export const oneOf = <const W extends string[]>(...words: W) =>
  Type.Enum(words as unknown as [...W]);

export { type Static, type TObject, type TSchema, Type };
