/**
 * What a server may make of this machine, and no more: a host of a private range that the machine
 * does not use otherwise. With another range it could draw the machine's own traffic into the
 * overlay, or have the guard cut the machine off.
 */
import type { networkInterfaces } from 'node:os';
import type { Bundle } from '@cep/contracts/bundle';
import { parseCertificate } from '@cep/nebula/certificates';
import { contains, hostPart, overlaps, type Prefix, parsePrefix } from '@cep/nebula/prefixes';
import { failure } from '../failure.ts';
import { deviceOf } from './nebula-settings.ts';

const PRIVATE = [
  // RFC 1918, and the shared range of RFC 6598.
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  // RFC 4193.
  'fd00::/8',
].map(parsePrefix);

/**
 * @param interfaces  of this machine, as `networkInterfaces` of node:os
 * @throws {CLIError} for a bundle that claims more; {Problem} when its certificate is none
 */
export function checkClaims(
  { host, network, certificate, version2 }: Bundle,
  interfaces: ReturnType<typeof networkInterfaces>,
): void {
  checkNamed(certificate, host.name, [host.address]);
  checkRange(host.address, network.name, interfaces);
  if (version2 === undefined) return;
  const { address } = version2.host;
  checkNamed(version2.certificate, host.name, [host.address, address]);
  checkRange(address, network.name, interfaces);
}

function checkNamed(certificate: string, host: string, addresses: readonly string[]): void {
  const { name, networks } = parseCertificate(certificate);
  if (name === host && networks.join() === addresses.join()) return;
  throw refused(`names ${host} at ${addresses.join(' and ')}, and its certificate somebody else`);
}

function checkRange(
  address: string,
  network: string,
  interfaces: ReturnType<typeof networkInterfaces>,
): void {
  const range = networkOf(address);
  if (!PRIVATE.some((each) => contains(each, range))) {
    throw refused(`is for ${address}, which is not private`);
  }
  const own = deviceOf(network);
  for (const [device, addresses = []] of Object.entries(interfaces)) {
    const met = addresses.find(({ cidr }) => cidr && overlaps(networkOf(cidr), range));
    if (!met || device === own) continue;
    throw refused(
      `is for ${address}, and this machine has ${met.cidr} at ${device}; make the network with another range`,
    );
  }
}

function networkOf(cidr: string): Prefix {
  const prefix = parsePrefix(cidr);
  return { ...prefix, address: prefix.address - hostPart(prefix) };
}

const refused = (why: string) => failure(`The configuration ${why}. Nothing was changed.`);
