import { Problem } from '@cep/contracts/problems';
import { readNetworkAliases } from './network-options.ts';
import type { Compose } from './schema.ts';

const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/**
 * The other names of each service: its `container_name`, its aliases on networks, and what the `links`
 * of others call it.
 * Templates reach their services by these, and cep gives containers names of its own.
 *
 * @throws {Problem} `invalid-request` for a name that two services would have
 */
export function readAliases(compose: Compose): ReadonlyMap<string, readonly string[]> {
  const { services } = compose;
  const onNetworks = readNetworkAliases(compose);
  const owners = new Map(Object.keys(services).map((name) => [name, name]));
  const aliases = new Map(Object.keys(services).map((name) => [name, [] as string[]]));

  const add = (path: string, service: string, alias: string) => {
    const names = aliases.get(service);
    if (!names) throw refused(`${path} names "${service}", which is no service`);
    if (!ALIAS.test(alias)) throw refused(`${path} gives the name "${alias}", which is not one`);
    const owner = owners.get(alias);
    if (owner === service) return;
    if (owner) throw refused(`${path} gives "${service}" the name "${alias}" of "${owner}"`);
    owners.set(alias, service);
    names.push(alias);
  };

  for (const [name, { container_name, links = [] }] of Object.entries(services)) {
    const path = `compose/services/${name}`;
    if (container_name) add(`${path}/container_name`, name, container_name);
    for (const alias of onNetworks.get(name) ?? []) add(`${path}/networks`, name, alias);
    for (const link of links) {
      const [service = '', alias = service, ...more] = link.split(':');
      if (more.length > 0) throw refused(`${path}/links must be SERVICE or SERVICE:NAME`);
      add(`${path}/links`, service, alias);
    }
  }
  return aliases;
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
