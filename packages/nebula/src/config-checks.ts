/** What would keep a host's nebula from starting, or from ever reloading again. */
import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { parseCertificate, parseCertificates } from './certificates.ts';
import type { Certificate } from './details.ts';
import type { ConfigOptions, HostSettings } from './host-settings.ts';
import { parsePrivateKey } from './key-pem.ts';
import { contains, overlaps, parsePrefix } from './prefixes.ts';

/** As long as Linux takes interface names. */
const DEVICE = /^nebula[a-z0-9-]{0,9}$/;
const FINGERPRINT = /^[0-9a-f]{64}$/;
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;

/** @throws {Problem} `invalid-request` */
export function checkSettings(settings: HostSettings, options: ConfigOptions): void {
  const certificate = parseCertificate(settings.certificate);
  const authorities = settings.authorities.flatMap(parseCertificates);
  checkVersion([certificate, ...authorities], options.nebulaVersion);
  checkKey(certificate, options.privateKey);
  checkRoles(settings);
  checkAddresses(settings, certificate);
  if (!DEVICE.test(settings.device))
    throw refused(`The interface '${settings.device}' must be named 'nebula' and up to 9 letters.`);
  if (options.debug?.port === 22) throw refused('Nebula keeps its debug server off port 22.');
  if (!settings.blocklist.every((each) => FINGERPRINT.test(each)))
    throw refused('The blocklist holds something that is not a fingerprint.');
}

/**
 * One certificate of a version or curve that nebula does not know makes it refuse the whole bundle
 * of authorities, and with it the blocklist (`pki.go`, `cert/ca_pool.go`).
 */
function checkVersion(certificates: readonly Certificate[], nebulaVersion: string): void {
  const [major = 0, minor = 0] = nebulaVersion.split('.').map(Number);
  const knows = (since: number) => major > 1 || (major === 1 && minor >= since);
  if (certificates.some(({ version }) => version === 2) && !knows(10))
    throw refused(`Nebula ${nebulaVersion} does not read version 2 certificates: 1.10 does.`);
  if (certificates.some(({ curve }) => curve === 'p256') && !knows(7))
    throw refused(`Nebula ${nebulaVersion} does not know the curve P-256: 1.7 does.`);
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
function checkAddresses(settings: HostSettings, certificate: Certificate): void {
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
  const stranger = members.find((each) => !isMember(each, certificate));
  if (stranger !== undefined) throw refused(`${stranger} is not an address of this network.`);
  const inside = routes.find(({ range }) => overlapsOverlay(range, certificate));
  if (inside !== undefined) throw refused(`The route ${inside.range} is in the overlay itself.`);
  const endpoint = Object.values(staticHosts)
    .flat()
    .find((each) => !isEndpoint(each));
  if (endpoint !== undefined) throw refused(`'${endpoint}' is not ADDRESS:PORT.`);
}

function isMember(address: string, { networks }: Certificate): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const inner = parsePrefix(`${address}/${family === 4 ? 32 : 128}`);
  return networks.some((network) => contains(parsePrefix(network), inner));
}

const overlapsOverlay = (range: string, { networks }: Certificate): boolean =>
  networks.some((network) => overlaps(parsePrefix(network), parsePrefix(range)));

/** `192.0.2.7:4242`, `[2001:db8::7]:4242`, `lighthouse.example:4242` */
function isEndpoint(text: string): boolean {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const isHost = bracketed === undefined ? NAME.test(plain) : isIP(bracketed) === 6;
  return isHost && Number(port) >= 1 && Number(port) <= 65_535;
}

const refused = (sentence: string) => new Problem('invalid-request', sentence);
