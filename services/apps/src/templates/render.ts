import { Problem } from '@cep/contracts/problems';
import { schemeOf } from '@cep/contracts/schemes';
import { OWN_FILE } from '@cep/contracts/templates';
import { assertDumps } from '../backups/dumps/read.ts';
import type { PortWish } from '../compose/context.ts';
import { bounded, interpolateTree, variablesInTree } from '../compose/interpolate.ts';
import type { Endpoint, Owner, RenderedApp, Service } from '../compose/model.ts';
import { normalise } from '../compose/normalise.ts';
import { isPrivileged, portPermission } from '../compose/ports.ts';
import { durationAt, parseSize } from '../compose/quantities.ts';
import type { Tree } from '../compose/read-yaml.ts';
import type { Machine } from '../engine/machine.ts';
import { FRONT, frontOf, obstacle } from '../front/front.ts';
import { readHooks } from '../hooks/read.ts';
import { keepOwners, ownerNotes } from '../volumes/owner.ts';
import type { Builtins } from './builtins.ts';
import { withFiles } from './files.ts';
import { assertFits } from './fits.ts';
import { lookupIn, type Template } from './template.ts';
import { assertUses } from './uses.ts';
import { welcomeOf } from './welcome.ts';

type Values = Readonly<Record<string, string>>;

interface Surroundings {
  /** What an administrator has granted to the app. */
  readonly granted?: ReadonlySet<string>;
  /** That runs the apps. */
  readonly machine?: Machine;
}

/**
 * Renders a template for one app. Pure: the same arguments give the same app.
 *
 * @param values  as {@link resolveParameters} gives them; names that are not declared are not seen
 * @throws {Problem} `invalid-request` that names the path, for whatever cep cannot run as it is written
 */
export function render(
  template: Template,
  values: Values,
  builtins: Builtins,
  { granted = new Set(), machine }: Surroundings = {},
): RenderedApp {
  const lookup = bounded(lookupIn(template, values, builtins));
  const app = normalise(interpolateTree({ ...template.document }, lookup), {
    lookup,
    fixed: (service, entry, port) => {
      const used = variablesInTree(portEntry(template, service, entry));
      return template.store === OWN_FILE
        ? writesPort(port, used, { values, granted })
        : choosesPort(template, used, values);
    },
    files: template.written.files,
    granted: (permission) => granted.has(permission),
    ...(machine && { platform: machine.platform }),
  });
  assertFits(template, machine);
  for (const volume of Object.keys(template.volumes)) {
    if (!app.volumes.includes(volume)) throw refused(`x-cep/volumes has "${volume}", compose not`);
  }
  for (const { name, service, port } of template.endpoints) {
    const ports = app.services.find((candidate) => candidate.name === service)?.ports ?? [];
    if (!ports.some(({ target }) => target === port)) {
      throw refused(`x-cep/endpoints: "${name}" is port ${port} of "${service}", not published`);
    }
  }
  const owners = readOwners(template);
  const files = withFiles(keepOwners(app.services, owners), template, lookup);
  const services = files.map((service) => withDefaults(service, template));
  const hooks = readHooks(template, services, lookup);
  assertDumps(template.backup?.dumps, app);
  const { observe, drain } = template.update ?? {};
  const front = frontOf(services, drain ? durationAt('x-cep/update/drain', drain) : undefined);
  if (front && services.some(({ name }) => name === FRONT)) {
    throw refused(`a service cannot be called ${FRONT}: that is what holds the ports of this app`);
  }
  const endpoints = endpointsOf(template, services);
  assertUses(template, endpoints);
  const welcome = welcomeOf(template, lookup);
  const notes = [
    ...(app.notes ?? []),
    ...ownerNotes(owners),
    ...orderNotes(app.services, services, template),
    ...breaks(template),
    ...deprecation(template),
  ];
  return {
    ...app,
    services,
    ...(Object.keys(owners).length > 0 && { owners }),
    ...(front && { front }),
    ...(hooks.length > 0 && { hooks }),
    ...(welcome && { welcome }),
    ...(observe && { observe: durationAt('x-cep/update/observe', observe) }),
    ...(notes.length > 0 && { notes }),
    endpoints,
  };
}

/** A file of one's own that names none has one for each port: where else would people find them? */
function endpointsOf({ store, endpoints }: Template, services: readonly Service[]): Endpoint[] {
  if (store === OWN_FILE && endpoints.length === 0) {
    return services.flatMap(({ name: service, ports }) =>
      ports.map(({ target: port, protocol }) => ({
        // A DNS label, as others are.
        name: `${service.slice(0, 57)}-${port}`,
        service,
        port,
        scheme: protocol === 'udp' ? protocol : (schemeOf(port) ?? protocol),
        path: '',
      })),
    );
  }
  return endpoints.map(({ name, service, port, scheme, path }) => ({
    ...{ name, service, port, scheme, path },
  }));
}

/** Who says one of the three says all: the rest is as for a folder of root's. */
function readOwners({ volumes }: Template): Record<string, Owner> {
  return Object.fromEntries(
    Object.entries(volumes).flatMap(([volume, { uid, gid, mode }]) =>
      uid === undefined && gid === undefined && mode === undefined
        ? []
        : [[volume, { uid: uid ?? 0, gid: gid ?? 0, mode: Number.parseInt(mode ?? '0755', 8) }]],
    ),
  );
}

/** What the header says for all services, where one does not say it itself. */
function withDefaults(service: Service, { resources, update }: Template): Service {
  const { memory, cpus } = resources?.default ?? {};
  const order = orderOf(service, update?.strategy);
  const { updateOrder: _, ...rest } = service;
  return {
    ...rest,
    memoryBytes: service.memoryBytes ?? (memory === undefined ? null : (parseSize(memory) ?? null)),
    cpus: service.cpus ?? cpus ?? null,
    ...(order && { updateOrder: order }),
  };
}

/** What an update to this template may break, by the revision that did. */
const breaks = ({ update }: Template): string[] =>
  Object.entries(update?.breaking ?? {}).map(
    ([revision, note]) => `Since revision ${revision}: ${note}`,
  );

function deprecation({ name, deprecated }: Template): string[] {
  if (!deprecated) return [];
  const { since, reason, replacedBy } = deprecated;
  const parts = [
    `${name} is deprecated${since ? ` since ${since}` : ''}`,
    ...(reason ? [reason] : []),
    ...(replacedBy ? [`use "${replacedBy}" instead`] : []),
  ];
  return [`${parts.join('; ')}.`];
}

type Strategy = NonNullable<Template['update']>['strategy'] | undefined;

const wishedOrder = ({ updateOrder }: Service, strategy: Strategy): Service['updateOrder'] =>
  updateOrder ?? (strategy === 'auto' ? undefined : strategy);

/** Start-first only where that is possible. */
function orderOf(service: Service, strategy: Strategy): Service['updateOrder'] {
  const order = wishedOrder(service, strategy);
  return order === 'start-first' && obstacle(service) ? undefined : order;
}

/** How services are replaced, where that is not as somebody may think who reads the file. */
function orderNotes(
  before: readonly Service[],
  services: readonly Service[],
  { update }: Template,
): string[] {
  const fronted = services.find((each) => each.updateOrder === 'start-first' && each.ports.length);
  const held = fronted
    ? [`A proxy holds the ports of ${fronted.name}, which is updated without a gap.`]
    : [];
  const refused = before.flatMap((service) => {
    const why = wishedOrder(service, update?.strategy) === 'start-first' && obstacle(service);
    return why ? `${service.name} is stopped before its successor starts: ${why}.` : [];
  });
  return [...held, ...refused];
}

type Used = ReturnType<typeof variablesInTree>;

const portEntry = ({ document }: Template, service: string, entry: number): Tree =>
  at(at(at(at(document, 'services'), service), 'ports'), `${entry}`) ?? null;

/** A person chose a port when its entry names a parameter of type port that has a value. */
const choosesPort = ({ parameters }: Template, used: Used, values: Values): boolean =>
  parameters.some(
    ({ name, type }) =>
      type === 'port' && Object.hasOwn(values, name) && used.some((each) => each.name === name),
  );

/**
 * Who writes `8080:80` into a file of one's own wants 8080, as with docker compose; what is only a
 * default, or is published elsewhere in any case, may be another.
 */
const writesPort = (
  { isSaid, ...port }: PortWish,
  used: Used,
  { values, granted }: { readonly values: Values; readonly granted: ReadonlySet<string> },
): boolean =>
  isSaid &&
  used.every(({ name }) => Object.hasOwn(values, name)) &&
  (!isPrivileged(port) || granted.has(portPermission(port)));

const at = (tree: Tree | Template['document'] | undefined, key: string): Tree | undefined =>
  typeof tree === 'object' && tree !== null && Object.hasOwn(tree, key)
    ? (tree as { [key: string]: Tree })[key]
    : undefined;

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
