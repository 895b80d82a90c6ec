/** What compose knows and cep does not run, with the reason: more help than "unknown key". */
import { Problem } from '@cep/contracts/problems';

const VOLUME = 'use a named volume';
const OUTSIDE: Readonly<Record<string, string>> = {
  build: 'cep runs images and builds none: build it elsewhere and give its name as image',
  extends: 'a file stands for itself: use anchors and merge keys',
  runtime: "the engine's own runtime is used",
  volumes_from: `${VOLUME} in both services`,
  device_cgroup_rules: 'ask for the device itself with devices, which an administrator may grant',
  userns_mode: 'users of the machine are never shared',
  uts: "the machine's name is never shared",
  cgroup: 'control groups are never shared',
  cgroup_parent: 'control groups are made by cep',
  oom_kill_disable: 'memory is bounded for every app',
  oom_score_adj: 'apps are equal when memory runs out',
  credential_spec: 'it is for Windows',
  isolation: 'it is for Windows',
  mac_address: 'the engine chooses it',
  scale: 'there is one container for each service',
  external_links: 'apps reach each other by their networks',
  provider: 'cep starts containers and no programs',
  develop: 'it is for development with compose itself',
  gpus: 'write deploy/resources/reservations/devices, which an administrator may grant',
  memswap_limit: 'apps have no swap of their own',
};

const OUTSIDE_TOP: Readonly<Record<string, string>> = {
  include: 'a file stands for itself: copy the services into it',
  models: 'cep starts containers and no models',
};

const OUTSIDE_NETWORK: Readonly<Record<string, string>> = {
  external: "an app has a network of its own; reach others by their addresses on cep's networks",
  ipam: 'the engine chooses addresses; reach services by their names',
  driver_opts: 'networks are plain bridges',
  enable_ipv6: 'networks are IPv4',
};

const OUTSIDE_SERVICE_NETWORK: Readonly<Record<string, string>> = {
  ipv4_address: 'the engine chooses addresses; reach services by their names',
  ipv6_address: 'the engine chooses addresses; reach services by their names',
  link_local_ips: 'the engine chooses addresses; reach services by their names',
  mac_address: 'the engine chooses it',
};

const OUTSIDE_VOLUME: Readonly<Record<string, string>> = {
  external: 'volumes belong to one app',
  driver_opts: 'they can mount any path of the machine; volumes are plain directories',
};

const OUTSIDE_FILE: Readonly<Record<string, string>> = {
  external: 'give its content, its file, or a parameter by environment',
};

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** @throws {Problem} `invalid-request` that names the key and what to do instead */
export function assertNotOutside(document: unknown): void {
  const { services, networks, volumes, configs, secrets } = membersOf(document);
  refuse('compose', document, OUTSIDE_TOP);
  for (const [name, service] of Object.entries(membersOf(services))) {
    const path = `compose/services/${name}`;
    refuse(path, service, OUTSIDE);
    each(`${path}/networks`, membersOf(service).networks, OUTSIDE_SERVICE_NETWORK);
  }
  each('compose/networks', networks, OUTSIDE_NETWORK);
  each('compose/volumes', volumes, OUTSIDE_VOLUME);
  each('compose/configs', configs, OUTSIDE_FILE);
  each('compose/secrets', secrets, OUTSIDE_FILE);
}

function each(path: string, things: unknown, outside: Readonly<Record<string, string>>): void {
  for (const [name, thing] of Object.entries(membersOf(things))) {
    refuse(`${path}/${name}`, thing, outside);
  }
}

function refuse(path: string, thing: unknown, outside: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(membersOf(thing))) {
    if (!Object.hasOwn(outside, key)) continue;
    throw new Problem('invalid-request', `${path} may not have "${key}": ${outside[key]}.`);
  }
}
