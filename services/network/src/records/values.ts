/** What a record may say, in the one spelling that it is kept in. Pure. */
import { isIPv4 } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import type { NameRecord } from '@cep/contracts/records';
import { formatPrefix, parsePrefix } from '@cep/nebula/prefixes';

type Said = Pick<NameRecord, 'name' | 'type' | 'value'>;

/**
 * @param network  the name of the network
 * @throws {Problem} `invalid-request`
 */
export function checkValue<R extends Said>(record: R, network: string): R {
  const { type, value } = record;
  switch (type) {
    case 'A':
      if (isIPv4(value)) return record;
      throw refused(`"${value}" is not an IPv4 address such as 10.42.0.7`);
    case 'AAAA':
      return { ...record, value: canonicalIpv6(value) };
    case 'CNAME':
      return { ...record, value: checkTarget(record, network) };
    case 'TXT':
      return record;
  }
}

function canonicalIpv6(value: string): string {
  try {
    if (!value.includes(':')) throw new Error('no colon');
    return formatPrefix(parsePrefix(`${value}/128`)).replace(/\/128$/, '');
  } catch (cause) {
    throw refused(`"${value}" is not an IPv6 address such as fd00::7`, cause);
  }
}

/** Hosts answer for the network alone: behind an alias that leads out of it they know nothing. */
function checkTarget({ name, value }: Said, network: string): string {
  const target = value.toLowerCase().replace(/\.$/, '');
  if (name === '@') throw refused('the network itself cannot be an alias');
  if (target === network || target.endsWith(`.${network}`)) return target;
  throw refused(
    `"${value}" is not on this network: an alias leads to a name such as web.${network}`,
  );
}

const refused = (why: string, cause?: unknown) =>
  new Problem('invalid-request', `body/value: ${why}.`, { cause });
