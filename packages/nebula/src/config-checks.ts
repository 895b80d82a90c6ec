/** What would keep a host's nebula from starting, or from ever reloading again. */
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { parseCertificate, parseCertificates } from './certificates.ts';
import type { Certificate } from './details.ts';
import type { ConfigOptions, HostSettings } from './host-settings.ts';
import { parsePrivateKey } from './key-pem.ts';
import { checkCombination } from './lint.ts';
import { contains, overlaps, parsePrefix } from './prefixes.ts';

/** As long as Linux takes interface names. */
const DEVICE = /^nebula[a-z0-9-]{0,9}$/;
const FINGERPRINT = /^[0-9a-f]{64}$/;
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/** @throws {Problem} `invalid-request`, `unfit-for-nebula` */
export function checkSettings(settings: HostSettings, options: ConfigOptions): void {
  const own = ownCertificates(settings);
  const authorities = settings.authorities.flatMap(parseCertificates);
  checkTogether(own);
  const networks = own.at(-1)?.networks ?? [];
  checkVersions([...own, ...authorities], networks, options.nebulaVersion);
  for (const each of own) checkKey(each, options.privateKey);
  checkRoles(settings);
  checkAddresses(settings, networks);
  if (!DEVICE.test(settings.device))
    throw refused(`The interface '${settings.device}' must be named 'nebula' and up to 9 letters.`);
  if (options.debug?.port === 22) throw refused('Nebula keeps its debug server off port 22.');
  if (!settings.blocklist.every((each) => FINGERPRINT.test(each)))
    throw refused('The blocklist holds something that is not a fingerprint.');
}

/** The host's certificates: the first, and the one of version 2 if there is one. */
export const ownCertificates = ({ certificate, certificateV2 }: HostSettings): Certificate[] =>
  [certificate, ...(certificateV2 === undefined ? [] : [certificateV2])].map(parseCertificate);

/** With two that differ in more than their version nebula does not start (`pki.go`). */
function checkTogether([first, second]: readonly Certificate[]): void {
  if (first === undefined || second === undefined) return;
  if (first.version === 1 && second.version === 2 && first.networks[0] === second.networks[0])
    return;
  throw refused('The certificates of the two versions are not for the same host.');
}

/** By the rules of `lint.ts`: what one version of nebula does not read, it refuses as a whole. */
function checkVersions(
  certificates: readonly Certificate[],
  ranges: readonly string[],
  nebulaVersion: string,
): void {
  const given = certificates.map(({ version }) => version);
  const curve = certificates.some((each) => each.curve === 'p256') ? 'p256' : 'curve25519';
  const certificateVersion = given.includes(2) ? 2 : 1;
  checkCombination({ network: { certificateVersion, curve, ranges }, nebulaVersion, given });
}

function checkKey(certificate: Certificate, privateKey: string): void {
  const { curve, publicKey } = parsePrivateKey('host', privateKey);
  if (curve === certificate.curve && Buffer.from(publicKey).equals(certificate.publicKey)) return;
  throw refused("The certificate was not made for this host's key.");
}

/** `lighthouse.go`, `relay_manager.go` */
function checkRoles({ amLighthouse, amRelay, lighthouses, relays, listen }: HostSettings): void {
  if (!Number.isInteger(listen.port) || listen.port < 0 || listen.port > 65_535)
    throw refused(`${listen.port} is not a port.`);
  if (amLighthouse && lighthouses.length > 0) throw refused('A lighthouse has no lighthouses.');
  if (amLighthouse && listen.port === 0) throw refused('A lighthouse needs a port of its own.');
  if (amRelay && relays.length > 0) throw refused('A relay cannot be reached through relays.');
}

/** Nebula 1.6 wants every lighthouse in the static host map and in its own network (`lighthouse.go`). */
function checkAddresses(settings: HostSettings, networks: readonly string[]): void {
  const { lighthouses, relays, staticHosts, routes = [] } = settings;
  const unmapped = lighthouses.find((each) => !Object.hasOwn(staticHosts, each));
  if (unmapped !== undefined)
    throw refused(`The lighthouse ${unmapped} has no address outside the overlay.`);
  const members = [
    ...lighthouses,
    ...relays,
    ...Object.keys(staticHosts),
    ...routes.map(({ via }) => via),
  ];
  const stranger = members.find((each) => !isMember(each, networks));
  if (stranger !== undefined) throw refused(`${stranger} is not an address of this network.`);
  const inside = routes.find(({ range }) => overlapsOverlay(range, networks));
  if (inside !== undefined) throw refused(`The route ${inside.range} is in the overlay itself.`);
  const endpoint = Object.values(staticHosts)
    .flat()
    .find((each) => !isEndpoint(each));
  if (endpoint !== undefined) throw refused(`'${endpoint}' is not ADDRESS:PORT.`);
}

function isMember(address: string, networks: readonly string[]): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const inner = parsePrefix(`${address}/${family === 4 ? 32 : 128}`);
  return networks.some((network) => contains(parsePrefix(network), inner));
}

const overlapsOverlay = (range: string, networks: readonly string[]): boolean =>
  networks.some((network) => overlaps(parsePrefix(network), parsePrefix(range)));

/** `192.0.2.7:4242`, `[2001:db8::7]:4242`, `lighthouse.example:4242` */
function isEndpoint(text: string): boolean {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const isHost = bracketed === undefined ? NAME.test(plain) : isIP(bracketed) === 6;
  return isHost && Number(port) >= 1 && Number(port) <= 65_535;
}

const refused = (sentence: string) => new Problem('invalid-request', sentence);
