/** What a header may say and cep does not do yet, with the way out: more help than "no member". Pure. */
import { Problem } from '@cep/contracts/problems';

type Outside = Readonly<Record<string, string>>;

const HEADER: Outside = {
  oidc: 'cep makes no sign-in clients for apps: set them up by hand, with parameters for their secrets',
  idle: 'apps run until they are stopped: use "cep apps stop" and "cep apps start"',
  scale: 'there is one container for each service',
  requires: 'apps do not know each other: have a parameter for the address of the other one',
  provides: 'apps do not know each other: say in notes what others need to reach it',
  metering: 'what apps use is counted by the quotas of their project',
  readme: 'the README.md beside compose.yaml is it',
};

const PARAMETER: Outside = {
  restarts: 'the services that a changed value reaches are made anew by themselves',
};

const REACH = 'everybody who reaches the network reaches it: see "cep network policy"';
const NO_PROXY = 'an endpoint is a port, and nothing of cep stands between: let the program do it';
const ENDPOINT: Outside = {
  protocol: 'it is called scheme',
  access: REACH,
  auth: NO_PROXY,
  headers: NO_PROXY,
  sticky: 'there is one container for each service',
  stripPath: NO_PROXY,
  websocket: 'an endpoint is a port, through which everything passes',
  subdomain: 'an app has one name on its network, and endpoints have ports',
  maxBodySize: NO_PROXY,
  idleTimeout: NO_PROXY,
  readTimeout: NO_PROXY,
};

const VOLUME: Outside = {
  shared: 'volumes belong to one app',
};

const FILE: Outside = {
  immutable: 'a file is written before each start: let the program keep its own in a volume',
};

const UPDATE: Outside = {
  minHealthy: 'there is one container for each service: strategy: start-first keeps one answering',
};

const BACKUP: Outside = {
  preCommand: 'dumps says what a database is, and cep knows what to run',
  postCommand: 'dumps says what a database is, and cep knows what to run',
  restoreOrder: 'what depends_on says is the order',
  consistencyGroup: 'an app is backed up as a whole',
};

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws {Problem} `invalid-request` that names the path, what is not there, and what to do instead */
export function assertInside(header: unknown): void {
  if (!isMembers(header)) return;
  const { parameters, endpoints, volumes, files, update, backup } = header;
  refuse('x-cep', header, HEADER);
  each('x-cep/parameters', parameters, PARAMETER);
  each('x-cep/endpoints', endpoints, ENDPOINT);
  each('x-cep/volumes', volumes, VOLUME);
  each('x-cep/files', files, FILE);
  refuse('x-cep/update', update, UPDATE);
  refuse('x-cep/backup', backup, BACKUP);
  refuseValue('x-cep/parameters', parameters, {
    ...{ member: 'type', value: 'volume' },
    why: 'a volume belongs to one app, which declares it in compose; "cep backup restore --as NAME" copies data into another',
  });
  refuseValue('x-cep/endpoints', endpoints, {
    ...{ member: 'publish', value: 'never' },
    why: 'an endpoint is a published port; services of an app reach each other without one',
  });
}

/** Of a list or a map. */
function each(path: string, things: unknown, outside: Outside): void {
  if (typeof things !== 'object' || things === null) return;
  for (const [key, thing] of Object.entries(things)) refuse(`${path}/${key}`, thing, outside);
}

function refuse(path: string, thing: unknown, outside: Outside): void {
  if (!isMembers(thing)) return;
  const key = Object.keys(thing).find((name) => Object.hasOwn(outside, name));
  if (key !== undefined) throw refused(`${path} may not have "${key}": ${outside[key]}`);
}

interface Refused {
  readonly member: string;
  readonly value: string;
  readonly why: string;
}

function refuseValue(path: string, things: unknown, { member, value, why }: Refused): void {
  if (!Array.isArray(things)) return;
  const index = things.findIndex((thing) => isMembers(thing) && thing[member] === value);
  if (index !== -1) throw refused(`${path}/${index}/${member} may not be "${value}": ${why}`);
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
