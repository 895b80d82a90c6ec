/** Who is reached from outside the overlay, and where: lighthouses and relays. Pure. */
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { contains, formatPrefix, type Prefix, parsePrefix } from '@cep/nebula/prefixes';
import type { Role } from './role.ts';

/** The UDP port of nebula's own examples. */
const FIRST_PORT = 4242;
const LAST_PORT = 65_535;

/** Where no other machine can be reached (RFC 6890, RFC 4291). */
const UNREACHABLE = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::/96', 'fe80::/10', 'ff00::/8'],
].map(parsePrefix);

interface Request {
  readonly lighthouse: boolean;
  readonly relay?: boolean;
  readonly interface?: boolean;
  readonly publicAddress?: string | null;
  readonly port?: number | null;
}

/**
 * @param overlays  ranges of networks, inside of which nobody is reached before the network is up
 * @returns what was asked for, the address in its canonical form
 * @throws {Problem} `wrong-public-address`
 */
export function reachable(request: Request, overlays: readonly string[]): Role {
  const { lighthouse, relay = false, publicAddress = null, port = null } = request;
  const hasInterface = request.interface ?? true;
  if (lighthouse && publicAddress === null) {
    throw wrong('body/publicAddress is missing: other hosts find a lighthouse by a fixed address.');
  }
  const isLandmark = lighthouse || relay;
  if (!isLandmark && publicAddress !== null) {
    throw wrong('body/publicAddress is for lighthouses and relays: leave it out, or make it one.');
  }
  if (!isLandmark && !hasInterface) {
    throw wrong('body/interface can be false only for a lighthouse or relay: nothing reaches it.');
  }
  const role = { lighthouse, relay, interface: hasInterface };
  if (publicAddress === null) return { ...role, publicAddress, port };
  return { ...role, publicAddress: canonical(publicAddress, overlays), port };
}

/**
 * @param taken  ports of other hosts at the same public address, which may be the same machine
 * @returns the first that is free from nebula's usual one on
 * @throws {Problem} `port-taken`
 */
export function freePort(taken: readonly number[]): number {
  const ports = new Set(taken);
  for (let port = FIRST_PORT; port <= LAST_PORT; port += 1) if (!ports.has(port)) return port;
  throw new Problem('port-taken', 'body/port: every port at this public address is in use.');
}

function canonical(text: string, overlays: readonly string[]): string {
  const address = parseAddress(text);
  if (UNREACHABLE.some((range) => contains(range, address))) {
    throw wrong(`body/publicAddress ${text} cannot be reached from another machine.`);
  }
  if (overlays.some((range) => contains(parsePrefix(range), address))) {
    throw wrong(
      `body/publicAddress ${text} is inside an overlay: give the machine's address outside it.`,
    );
  }
  return formatPrefix(address).replace(/\/.*/, '');
}

function parseAddress(text: string): Prefix {
  try {
    return parsePrefix(`${text}/${isIP(text) === 4 ? 32 : 128}`);
  } catch (cause) {
    const sentence = `body/publicAddress "${text}" is not an IP address, e.g. 203.0.113.7.`;
    throw new Problem('wrong-public-address', sentence, { cause });
  }
}

const wrong = (sentence: string) => new Problem('wrong-public-address', sentence);
