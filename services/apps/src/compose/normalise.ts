/** From a checked compose document to the model: every default said, every form the same. */
import { Problem } from '@cep/contracts/problems';
import { readAliases } from './aliases.ts';
import { assertStartable, readDependencies } from './dependencies.ts';
import { readEnvironment } from './environment.ts';
import { readHealthcheck } from './healthcheck.ts';
import type { Lookup } from './interpolate.ts';
import type { RenderedApp, Service } from './model.ts';
import { readMounts } from './mounts.ts';
import { readPorts } from './ports.ts';
import { durationAt, sizeAt, splitWords } from './quantities.ts';
import { type ComposeService, checkCompose } from './schema.ts';

const SERVICE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const HOSTNAME = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/;
const STOP_GRACE_SECONDS = 10;

export interface Context {
  readonly lookup: Lookup;
  /** Whether a person chose the published port of an entry of `ports`. */
  readonly fixed: (service: string, entry: number) => boolean;
}

/**
 * Normalises an interpolated document.
 *
 * @throws {Problem} `invalid-request` that names the path
 */
export function normalise(document: unknown, context: Context): Omit<RenderedApp, 'endpoints'> {
  const compose = checkCompose(document);
  const aliases = readAliases(compose.services);
  const services = Object.entries(compose.services).map(([name, service]) =>
    readService(name, service, aliases.get(name) ?? [], context),
  );
  assertStartable(services);
  return { services, volumes: readVolumes(Object.keys(compose.volumes ?? {}), services) };
}

function readService(
  name: string,
  service: ComposeService,
  aliases: readonly string[],
  { lookup, fixed }: Context,
): Service {
  const path = `compose/services/${name}`;
  if (!SERVICE_NAME.test(name)) {
    throw refused(path, 'must be named by lower-case letters, digits and inner hyphens');
  }
  for (const port of service.expose ?? []) assertExposable(`${path}/expose`, port);
  return {
    name,
    image: service.image,
    entrypoint: readLine(`${path}/entrypoint`, service.entrypoint),
    command: readLine(`${path}/command`, service.command),
    environment: readEnvironment(`${path}/environment`, service.environment, lookup),
    mounts: readMounts(path, service),
    ports: readPorts(`${path}/ports`, service.ports ?? [], (entry) => fixed(name, entry)),
    dependsOn: readDependencies(service.depends_on),
    healthcheck: readHealthcheck(`${path}/healthcheck`, service.healthcheck),
    ...readProcess(path, service),
    ...readLimits(path, service),
    aliases,
  };
}

function readProcess(path: string, service: ComposeService) {
  const { restart = 'no', hostname, stop_grace_period: grace, stop_signal: signal } = service;
  if (hostname && !HOSTNAME.test(hostname)) throw refused(`${path}/hostname`, 'is no host name');
  if (signal && !/^(SIG)?[A-Z0-9+]{1,10}$/.test(signal)) {
    throw refused(`${path}/stop_signal`, 'must be a signal such as SIGINT');
  }
  return {
    restart: restart === 'false' ? 'no' : restart,
    user: service.user ?? null,
    workingDir: service.working_dir ?? null,
    hostname: hostname ?? null,
    init: service.init ?? false,
    readOnly: service.read_only ?? false,
    capAdd: [...new Set((service.cap_add ?? []).map((cap) => capability(`${path}/cap_add`, cap)))],
    stopGraceSeconds: grace
      ? Math.ceil(durationAt(`${path}/stop_grace_period`, grace) / 1000)
      : STOP_GRACE_SECONDS,
    stopSignal: signal ?? null,
  } as const;
}

/** A limit has an old name on the service and a new one under `deploy`; both at once is a mistake. */
function readLimits(
  path: string,
  { deploy, mem_limit, cpus, pids_limit, shm_size }: ComposeService,
) {
  const limits = deploy?.resources?.limits ?? {};
  const one = <T>(old: T | undefined, name: keyof typeof limits, value: T | undefined) => {
    if (old !== undefined && value !== undefined) {
      throw refused(path, `limits its ${name} twice; keep deploy/resources/limits/${name}`);
    }
    return value ?? old ?? null;
  };
  const memory = one(mem_limit, 'memory', limits.memory);
  return {
    shmSizeBytes: shm_size === undefined ? null : sizeAt(`${path}/shm_size`, shm_size),
    memoryBytes: memory === null ? null : sizeAt(`${path} memory`, memory),
    cpus: one(cpus, 'cpus', limits.cpus),
    pids: one(pids_limit, 'pids', limits.pids),
  };
}

/** An empty command is the image's own, as none is. */
function readLine(path: string, line: string | string[] | undefined): string[] | null {
  const words = typeof line === 'string' ? splitWords(path, line) : (line ?? []);
  return words.length > 0 ? words : null;
}

/** `net_admin` and `CAP_NET_ADMIN` are `NET_ADMIN`, so that a policy has one name to look for. */
function capability(path: string, name: string): string {
  const normal = name.toUpperCase().replace(/^CAP_/, '');
  if (!/^[A-Z_]{2,32}$/.test(normal)) throw refused(path, `has "${name}", which is no capability`);
  return normal;
}

/** Within a network of its own every port of a container is reachable: nothing is left to do. */
function assertExposable(path: string, port: string): void {
  if (!/^\d{1,5}(-\d{1,5})?(\/(tcp|udp))?$/.test(port)) throw refused(path, `has "${port}"`);
}

function readVolumes(declared: readonly string[], services: readonly Service[]): readonly string[] {
  const mounts = services.flatMap((service) => service.mounts);
  const used = new Set(mounts.flatMap((mount) => (mount.kind === 'volume' ? [mount.volume] : [])));
  for (const volume of used) {
    if (!declared.includes(volume)) {
      throw refused('compose/volumes', `must declare "${volume}", which a service mounts`);
    }
  }
  for (const volume of declared) {
    if (!used.has(volume))
      throw refused('compose/volumes', `has "${volume}", which nothing mounts`);
  }
  return declared;
}

const refused = (path: string, why: string) => new Problem('invalid-request', `${path} ${why}.`);
