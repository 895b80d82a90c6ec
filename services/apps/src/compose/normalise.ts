/** From a checked compose document to the model: every default said, every form the same. */
import { readAliases } from './aliases.ts';
import { type Context, refused } from './context.ts';
import { assertStartable, readDependencies } from './dependencies.ts';
import { readEnvironment } from './environment.ts';
import { readHealthcheck } from './healthcheck.ts';
import { inertOf } from './inert.ts';
import { readIsolation } from './isolation.ts';
import { readLimits } from './limits.ts';
import type { RenderedApp, Service } from './model.ts';
import { isDerived, readMounts } from './mounts.ts';
import { readInternal, readNetworkOptions } from './network-options.ts';
import { readPorts } from './ports.ts';
import { readProcess } from './process-options.ts';
import { assertWritable, readProvidedFiles } from './provided-files.ts';
import { splitWords } from './quantities.ts';
import { type Compose, type ComposeService, checkCompose } from './schema.ts';
import { withNamespaces } from './shared-namespaces.ts';

const SERVICE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export type { Context } from './context.ts';

/**
 * Normalises an interpolated document.
 *
 * @throws {Problem} `invalid-request` that names the path
 */
export function normalise(document: unknown, given: Context): Omit<RenderedApp, 'endpoints'> {
  const notes: string[] = [];
  const note = (sentence: string) => {
    notes.push(sentence);
    given.note?.(sentence);
  };
  const context = { ...given, note };
  const compose = withoutProfiles(checkCompose(document), context);
  const aliases = readAliases(compose);
  const read = Object.entries(compose.services).map(([name, service]) =>
    readService(name, service, { compose, aliases: aliases.get(name) ?? [], context }),
  );
  const services = withNamespaces(read);
  assertStartable(services);
  const internal = readInternal(compose, services, context);
  return {
    services,
    volumes: readVolumes(compose, services, context),
    ...(internal && { internal: true }),
    ...(notes.length > 0 && { notes }),
  };
}

/** Services of a profile, and those of no replicas, are not run, as compose does when none is named. */
function withoutProfiles(compose: Compose, { note }: Context): Compose {
  const services = Object.entries(compose.services).filter(([name, { profiles, deploy }]) => {
    const runs = !profiles?.length && deploy?.replicas !== 0;
    if (!runs)
      note?.(`compose/services/${name} is of a profile, or of no replicas: it is not run.`);
    return runs;
  });
  if (services.length === 0)
    throw refused('compose/services', 'are all of profiles: none would run');
  return { ...compose, services: Object.fromEntries(services) };
}

function readService(
  name: string,
  service: ComposeService,
  {
    compose,
    aliases,
    context,
  }: { readonly compose: Compose; readonly aliases: readonly string[]; readonly context: Context },
): Service {
  const path = `compose/services/${name}`;
  if (!SERVICE_NAME.test(name)) {
    throw refused(path, 'must be named by lower-case letters, digits and inner hyphens');
  }
  for (const port of service.expose ?? []) assertExposable(`${path}/expose`, port);
  if ((service.deploy?.replicas ?? 1) > 1) {
    throw refused(`${path}/deploy/replicas`, 'must be 1: there is one container for each service');
  }
  for (const sentence of inertOf(path, service)) context.note?.(sentence);
  const { mounts, files: mounted } = readMounts(path, service, context);
  const files = [...readProvidedFiles(path, service, compose, context), ...mounted];
  const isolation = readIsolation(path, service);
  assertWritable(path, files, { mounts, readOnly: isolation.readOnly });
  return {
    name,
    image: service.image,
    entrypoint: readLine(`${path}/entrypoint`, service.entrypoint),
    command: readLine(`${path}/command`, service.command),
    environment: readEnvironment(path, service, context),
    mounts,
    ports: readPorts(`${path}/ports`, service.ports ?? [], { service: name, context }),
    dependsOn: readDependencies(service.depends_on, Object.keys(compose.services)),
    healthcheck: readHealthcheck(`${path}/healthcheck`, service.healthcheck, service['x-cep']),
    ...readProcess(path, service),
    ...readNetworkOptions(path, service),
    ...isolation,
    ...readLimits(path, service, context),
    aliases,
    ...(files.length > 0 && { files }),
    ...readPlatform(`${path}/platform`, service.platform, context),
  };
}

/** An image of another platform would not start, or run ten times slower without anybody knowing. */
function readPlatform(path: string, platform: string | undefined, { platform: own }: Context) {
  const plain = platform?.replace(/^(linux\/arm64)\/v8$/, '$1');
  if (plain === undefined || own === undefined || plain === own) return {};
  throw refused(path, `is ${platform}, but the machine that runs the apps is ${own}`);
}

/** An empty command is the image's own, as none is. */
function readLine(path: string, line: string | string[] | undefined): string[] | null {
  const words = typeof line === 'string' ? splitWords(path, line) : (line ?? []);
  return words.length > 0 ? words : null;
}

/** Within a network of its own every port of a container is reachable: nothing is left to do. */
function assertExposable(path: string, port: string): void {
  if (!/^\d{1,5}(-\d{1,5})?(\/(tcp|udp))?$/.test(port)) throw refused(path, `has "${port}"`);
}

function readVolumes(compose: Compose, services: readonly Service[], { note }: Context): string[] {
  const declared = Object.keys(compose.volumes ?? {});
  const mounts = services.flatMap((service) => service.mounts);
  const used = new Set(mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : [])));
  for (const volume of used) {
    if (!declared.includes(volume) && !isDerived(volume)) {
      throw refused('compose/volumes', `must declare "${volume}", which a service mounts`);
    }
  }
  for (const volume of declared) {
    if (!used.has(volume)) note?.(`compose/volumes has "${volume}", which nothing mounts.`);
  }
  return [...used].sort((a, b) => declared.indexOf(a) - declared.indexOf(b));
}
