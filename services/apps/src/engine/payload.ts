/** Builds what the engine is asked to create. Pure; `policy.ts` judges the result once more. */
import { createHash } from 'node:crypto';
import type { Healthcheck, Mount, Port, Service } from '../compose/model.ts';
import { containerLabels, type Owner } from './labels.ts';
import { type AppIdentity, projectOf, volumeName } from './names.ts';

/** Docker's own default set without NET_RAW, MKNOD and AUDIT_WRITE, which few programs miss. */
const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

const DEFAULT_PIDS = 512;

/** A probe every half second is cheap for as long as somebody waits for it. */
const FAST_PROBE_MS = 500;
const SLOW_PROBE_MS = 1_000;
const FAST_BUDGET_MS = 30_000;

/** A port of this machine that one of a service is published on. */
export interface Binding {
  readonly service: string;
  readonly target: number;
  readonly protocol: Port['protocol'];
  readonly address: string;
  readonly port: number;
}

export interface Placement {
  readonly app: AppIdentity;
  readonly owner: Owner;
  /** Those of the whole app. */
  readonly bindings: readonly Binding[];
}

export type ContainerPayload = ReturnType<typeof containerPayload>;

/**
 * @param startInterval  whether the engine can probe faster while a container starts (API 1.44)
 * @returns the body of `POST /containers/create`; its label `cep.spec` changes exactly when the
 *   container must be made anew, and not with the engine's version
 */
export function containerPayload(place: Placement, service: Service, startInterval: boolean) {
  const spec = specOf(unlabelled(place, service, false));
  return {
    ...unlabelled(place, service, startInterval),
    Labels: containerLabels(place.app, place.owner, { service: service.name, spec }),
  };
}

/** @returns e.g. `v1:9f86d0…`; the version changes when what is hashed does */
const specOf = (payload: object): string =>
  `v1:${createHash('sha256').update(JSON.stringify(payload)).digest('hex')}`;

function unlabelled(place: Placement, service: Service, startInterval: boolean) {
  const network = projectOf(place.app);
  const bindings = place.bindings.filter((binding) => binding.service === service.name);
  return {
    Image: service.image,
    ...(service.entrypoint && { Entrypoint: [...service.entrypoint] }),
    ...(service.command && { Cmd: [...service.command] }),
    ...(service.user && { User: service.user }),
    ...(service.workingDir && { WorkingDir: service.workingDir }),
    ...(service.hostname && { Hostname: service.hostname }),
    ...(service.stopSignal && { StopSignal: service.stopSignal }),
    ...(service.healthcheck && { Healthcheck: healthcheck(service.healthcheck, startInterval) }),
    StopTimeout: service.stopGraceSeconds,
    Env: Object.entries(service.environment).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries(bindings.map((binding) => [inside(binding), {}])),
    HostConfig: hostConfig(place, service, bindings),
    NetworkingConfig: {
      EndpointsConfig: { [network]: { Aliases: [service.name, ...service.aliases] } },
    },
  };
}

function hostConfig({ app }: Placement, service: Service, bindings: readonly Binding[]) {
  return {
    NetworkMode: projectOf(app),
    Mounts: service.mounts.map((mount) => toMount(app, mount)),
    PortBindings: published(bindings),
    RestartPolicy: { Name: service.restart },
    Init: service.init,
    ReadonlyRootfs: service.readOnly,
    CapDrop: ['ALL'],
    CapAdd: [...new Set([...CAPABILITIES, ...service.capAdd])].sort(),
    SecurityOpt: ['no-new-privileges:true'],
    PidsLimit: service.pids ?? DEFAULT_PIDS,
    ...(service.memoryBytes && { Memory: service.memoryBytes }),
    ...(service.cpus && { NanoCpus: Math.round(service.cpus * 1e9) }),
    ...(service.shmSizeBytes && { ShmSize: service.shmSizeBytes }),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  };
}

const inside = ({ target, protocol }: Binding): string => `${target}/${protocol}`;

function published(bindings: readonly Binding[]) {
  const ports: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const binding of bindings) {
    const list = (ports[inside(binding)] ??= []);
    list.push({ HostIp: binding.address, HostPort: String(binding.port) });
  }
  return ports;
}

function toMount(app: AppIdentity, mount: Mount) {
  if (mount.kind === 'tmpfs') {
    return {
      Type: 'tmpfs' as const,
      Target: mount.target,
      TmpfsOptions: { SizeBytes: mount.sizeBytes },
    };
  }
  return {
    Type: 'volume' as const,
    Source: volumeName(app, mount.volume),
    Target: mount.target,
    ReadOnly: mount.readOnly,
  };
}

const nanoseconds = (milliseconds: number): number => milliseconds * 1e6;

/** In its start period a container is probed fast, so that what waits for it does not wait longer. */
function healthcheck(check: Healthcheck, startInterval: boolean) {
  const given = {
    Test: [...check.test],
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.startPeriod),
    Retries: check.retries,
  };
  if (!startInterval) return given;
  const budget = Math.max(check.startPeriod, check.interval * check.retries);
  const fastest = budget <= FAST_BUDGET_MS ? FAST_PROBE_MS : SLOW_PROBE_MS;
  return {
    ...given,
    StartPeriod: nanoseconds(budget),
    StartInterval: nanoseconds(Math.min(check.interval, fastest)),
  };
}

/** Milliseconds after its start at which a container that is still not healthy is given up. */
export const healthDeadline = ({ startPeriod, retries, interval, timeout }: Healthcheck): number =>
  startPeriod + retries * (interval + timeout);
