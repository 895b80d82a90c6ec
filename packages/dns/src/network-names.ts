/** The names of one network: how they travel to its hosts, and the zone that they make. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { checker } from '@cep/contracts/check';
import { RecordName, RecordType } from '@cep/contracts/records';
import { type Static, Type } from '@cep/contracts/schema';
import { parsePrefix } from '@cep/nebula/prefixes';
import { textOf } from './names.ts';
import { reverseZones } from './reverse.ts';
import type { Zone, ZoneRecord } from './zone.ts';

export const NetworkNames = Type.Object({
  addresses: Type.Array(
    Type.Object({ name: Type.String(), addresses: Type.Array(Type.String()) }),
    { description: 'of hosts, then of apps: of one address the first is its name in reverse' },
  ),
  records: Type.Array(
    Type.Object({
      name: RecordName,
      type: RecordType,
      value: Type.String(),
      ttl: Type.Integer({ minimum: 0 }),
    }),
  ),
});
export type NetworkNames = Static<typeof NetworkNames>;

/** A hostile bundle is not signed; a broken one shall not fill the memory either. In bytes. */
const LARGEST = 16 * 1024 * 1024;

/** As they stand in each of a thousand bundles: JSON, deflated (RFC 1951) to a fifth, base64. */
export const packNames = (names: NetworkNames): string =>
  deflateRawSync(JSON.stringify(names)).toString('base64');

const check = checker(NetworkNames, 'names');

/** @throws {Error} for what {@link packNames} did not make */
export const unpackNames = (packed: string): NetworkNames =>
  check(
    JSON.parse(
      inflateRawSync(Buffer.from(packed, 'base64'), { maxOutputLength: LARGEST }).toString(),
    ),
  );

/** @param network  its name is the domain, its ranges have names in reverse */
export const networkZone = (
  { name, ranges }: { readonly name: string; readonly ranges: readonly string[] },
  { addresses, records }: NetworkNames,
): Zone => ({
  domain: name,
  ranges,
  records: [...addresses.flatMap(addressRecords), ...records],
});

/** What a resolver should ask about: the network, and the names of its addresses in reverse. */
export const networkDomains = ({
  name,
  ranges,
}: {
  readonly name: string;
  readonly ranges: readonly string[];
}): string[] => [name, ...ranges.map(parsePrefix).flatMap(reverseZones).map(textOf)];

const addressRecords = ({ name, addresses }: NetworkNames['addresses'][number]): ZoneRecord[] =>
  addresses.map((value) => ({ name, type: value.includes(':') ? 'AAAA' : 'A', value }));
