import type { Socket } from 'node:net';

/** Where a connection comes from; an IPv4 address also where the socket takes both kinds. */
export const remoteAddress = ({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string =>
  remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');

/**
 * What one party can be assumed to hold at most, for counting what it does: an IPv4 address, or the
 * first 64 bits of an IPv6 one (RFC 4291, 2.5.4), as all of the others cost it nothing.
 *
 * @returns e.g. `203.0.113.9` or `2001:db8:0:7::/64`
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...back];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
