/** How a container is reached, and what names it knows. */
import { isIP } from 'node:net';
import { isOwnContainer } from './isolation.ts';
import {
  type Check,
  isObject,
  isText,
  isWhole,
  list,
  nothing,
  object,
  record,
  refuse,
  type Scope,
  value,
} from './judge.ts';

const FIRST_UNPRIVILEGED_PORT = 1024;

const isPort = (name: string): boolean => /^\d{1,5}\/(tcp|udp)$/.test(name);

const hostPort =
  (protocol: string): Check =>
  (given, { granted }, path) => {
    const isNumber =
      isText(given) && /^[1-9]\d{0,4}$/.test(given) && isWhole(Number(given), 1, 65_535);
    const isFree = isNumber && Number(given) >= FIRST_UNPRIVILEGED_PORT;
    if (isFree || (isNumber && granted?.has(`host-port:${given}/${protocol}`))) return undefined;
    return refuse('ports', path, `must be a port from ${FIRST_UNPRIVILEGED_PORT} to 65535`);
  };

const EVERYWHERE = ['', '0.0.0.0', '::', '[::]'];

const hostIp = value(
  'ports',
  (given, { address }) => given === address && !EVERYWHERE.includes(address),
  "the app's own address",
);

export const portBindings: Check = (given, scope, path) => {
  if (!isObject(given)) return refuse('wrong-type', path, 'must be an object');
  const bindings = (protocol: string) =>
    list(object({ HostIp: hostIp, HostPort: hostPort(protocol) }, ['HostIp', 'HostPort']));
  for (const [name, bound] of Object.entries(given)) {
    const inside = `${path}.${name}`;
    if (!isPort(name)) return refuse('ports', inside, 'is no port');
    const refusal = bindings(name.split('/')[1] ?? '')(bound, scope, inside);
    if (refusal) return refusal;
  }
  return undefined;
};

export const exposedPorts = record('ports', isPort, nothing);

const isNetworkMode = (given: unknown, scope: Scope): boolean =>
  given === scope.network ||
  given === 'none' ||
  isOwnContainer(given, scope) ||
  (given === 'host' && (scope.granted?.has('host-network') ?? false));

const DNS_NAME = /^([A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?|\.)$/;
const alias = value(
  'network',
  (given) => isText(given) && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(given),
  'a name',
);

/** Names that programs trust to be what they always are. */
const TRUSTED =
  /^(localhost|ip6-.*|host\.docker\.internal|gateway\.docker\.internal|metadata|metadata\.google\.internal|.*\.cep|cep)$/i;

/** Where clouds tell machines their secrets. */
const isMetadata = (address: string): boolean =>
  /^(169\.254\.|fe80:|fd00:ec2:|::ffff:169\.254\.)/i.test(address);

/** `host-gateway` is the machine itself, which programs know as host.docker.internal. */
const extraHost: Check = (given, { granted }, path) => {
  const [, name = '', address = ''] = (isText(given) && /^([^:]+):(.+)$/.exec(given)) || [];
  if (!DNS_NAME.test(name)) return refuse('names', path, 'must be NAME:ADDRESS');
  const toMachine = address === 'host-gateway';
  if (toMachine && granted?.has('host-gateway')) return undefined;
  if (toMachine) return refuse('names', path, 'names the machine itself, which is not granted');
  if (TRUSTED.test(name)) return refuse('names', path, 'takes a name that is not for apps to give');
  if (isIP(address) === 0 || isMetadata(address))
    return refuse('names', path, 'must be NAME:ADDRESS');
  return undefined;
};

const server: Check = (given, { granted }, path) => {
  const isServer = isText(given) && isIP(given) !== 0 && !isMetadata(given);
  return isServer && granted?.has('dns') ? undefined : refuse('names', path, 'is not granted');
};

export const networkMode = value('network', isNetworkMode, "the app's network");

export const networking = object({
  EndpointsConfig: record(
    'network',
    (name, { network }) => name === network,
    object({ Aliases: list(alias) }),
  ),
});

export const names = {
  Dns: list(server),
  DnsSearch: list(value('names', (given) => isText(given) && DNS_NAME.test(given), 'a domain')),
  DnsOptions: list(
    value(
      'names',
      (given) => isText(given) && /^[a-z0-9-]{1,30}(:\d{1,3})?$/.test(given),
      'an option',
    ),
  ),
  ExtraHosts: list(extraHost),
} satisfies Record<string, Check>;
