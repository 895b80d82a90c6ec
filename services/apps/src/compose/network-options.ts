/** How a service is reached and what it reaches. */
import { isIP } from 'node:net';
import { type Context, refused } from './context.ts';
import type { Service } from './model.ts';
import type { Compose, ComposeService } from './schema.ts';

type NetworkOptions = Pick<
  Service,
  'network' | 'domainname' | 'hostname' | 'dns' | 'dnsSearch' | 'dnsOptions' | 'extraHosts'
>;

const HOSTNAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/;
const DOMAIN = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/;
const DNS_OPTION = /^[a-z0-9-]{1,30}(:\d{1,3})?$/;

/** @throws {Problem} `invalid-request` that begins with the path of the key */
export function readNetworkOptions(path: string, service: ComposeService): NetworkOptions {
  const { hostname, domainname, dns, dns_search, dns_opt, extra_hosts } = service;
  if (hostname && !HOSTNAME.test(hostname)) throw refused(`${path}/hostname`, 'is no host name');
  if (domainname && !DOMAIN.test(domainname)) {
    throw refused(`${path}/domainname`, 'is no domain name');
  }
  const list = (key: string, given: string | string[] | undefined, is: (text: string) => boolean) =>
    [given ?? []].flat().map((text) => {
      if (is(text)) return text;
      throw refused(`${path}/${key}`, `has "${text}", which is none`);
    });
  const servers = list('dns', dns, (text) => isIP(text) !== 0);
  const search = list('dns_search', dns_search, (text) => text === '.' || DOMAIN.test(text));
  const options = list('dns_opt', dns_opt, (text) => DNS_OPTION.test(text));
  const hosts = readExtraHosts(`${path}/extra_hosts`, extra_hosts);
  return {
    hostname: hostname ?? null,
    ...readNetworkMode(path, service),
    ...(domainname !== undefined && { domainname }),
    ...(servers.length > 0 && { dns: servers }),
    ...(search.length > 0 && { dnsSearch: search }),
    ...(options.length > 0 && { dnsOptions: options }),
    ...(hosts.length > 0 && { extraHosts: hosts }),
  };
}

function readNetworkMode(path: string, service: ComposeService): Pick<Service, 'network'> {
  const { network_mode: mode, networks, ports = [] } = service;
  if (mode === undefined) return {};
  if (networks) throw refused(path, 'has both networks and network_mode');
  if (mode === 'bridge' || mode === 'default') return {};
  const of = /^service:(.+)$/.exec(mode)?.[1];
  if (of === undefined && mode !== 'none' && mode !== 'host') {
    throw refused(
      `${path}/network_mode`,
      `is "${mode}", but may only be bridge, none, service:NAME, or host, which an administrator grants`,
    );
  }
  if (ports.length > 0 && mode !== 'host') {
    throw refused(path, `publishes ports, which it has none of with network_mode ${mode}`);
  }
  if (ports.length > 0) throw refused(path, 'is on the network of the machine: leave ports out');
  return { network: of === undefined ? (mode as 'none' | 'host') : { of } };
}

/** Docker's own: `name:address`, `name=address`, or a map; IPv6 may stand in brackets. */
function readExtraHosts(path: string, given: ComposeService['extra_hosts'] = []): string[] {
  const entries = Array.isArray(given)
    ? given.map((text) => text.split(/[:=](.*)/s, 2))
    : Object.entries(given);
  return entries.map(([name = '', text = '']) => {
    const address = text.trim().replace(/^\[(.*)\]$/, '$1');
    if (!DOMAIN.test(name) || (isIP(address) === 0 && address !== 'host-gateway')) {
      throw refused(path, `must be NAME:ADDRESS, not "${name}:${text}"`);
    }
    return `${name}:${address}`;
  });
}

/** What each service is called on the networks that it names, by service. */
export function readNetworkAliases(compose: Compose): Map<string, string[]> {
  const declared = new Set(['default', ...Object.keys(compose.networks ?? {})]);
  return new Map(
    Object.entries(compose.services).map(([name, { networks = [] }]) => {
      const named = Array.isArray(networks)
        ? networks.map((network) => [network, null] as const)
        : Object.entries(networks);
      const stranger = named.find(([network]) => !declared.has(network));
      if (stranger) {
        throw refused(
          `compose/services/${name}/networks`,
          `names "${stranger[0]}", which compose/networks does not declare`,
        );
      }
      return [name, named.flatMap(([, options]) => options?.aliases ?? [])];
    }),
  );
}

/**
 * All networks of a file are the one of the app: its services are one another's business.
 *
 * @returns whether that may reach nothing outside
 */
export function readInternal(compose: Compose, services: readonly Service[], { note }: Context) {
  const networks = Object.entries(compose.networks ?? {});
  const names = networks.map(([name]) => name);
  if (names.length > 1) {
    note?.(`compose/networks: ${names.join(', ')} are one network, that of the app.`);
  }
  const internal = networks.filter(([, network]) => network?.internal).map(([name]) => name);
  if (internal.length === 0) return false;
  const open = Object.entries(compose.services).find(([, { networks: named, network_mode }]) => {
    const own = !named ? ['default'] : Array.isArray(named) ? named : Object.keys(named);
    return network_mode !== 'none' && own.some((network) => !internal.includes(network));
  });
  if (open) {
    throw refused(
      `compose/networks/${internal[0]}`,
      `is internal, but "${open[0]}" is on another that is not; an app has one network`,
    );
  }
  const publishing = services.find(({ ports }) => ports.length > 0);
  if (publishing) {
    throw refused(
      `compose/services/${publishing.name}`,
      'publishes ports, which an internal network cannot',
    );
  }
  return true;
}
