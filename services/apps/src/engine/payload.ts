/** Builds what the engine is asked to create. Pure; `policy.ts` judges the result once more. */
import { createHash } from 'node:crypto';
import type { Healthcheck, Logging, Mount, Port, Service } from '../compose/model.ts';
import { DEFAULT_CAPABILITIES } from './capabilities.ts';
import { containerLabels, type Owner } from './labels.ts';
import { limitsPayload } from './limits.ts';
import { type AppIdentity, bridgeOf, containerName, projectOf, volumeName } from './names.ts';
import { BRIDGE_NAME, type Scope } from './policy.ts';

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
  /** Services whose namespaces others share, which know their container by its name. */
  readonly shared?: ReadonlySet<string>;
}

export type ContainerPayload = ReturnType<typeof containerPayload>;

/**
 * @param startInterval  whether the engine can probe faster while a container starts (API 1.44)
 * @returns the body of `POST /containers/create`; its label `cep.spec` changes exactly when the
 *   container must be made anew: not with its limits, nor with the engine's version
 */
export function containerPayload(place: Placement, service: Service, startInterval: boolean) {
  const { shared, app } = place;
  const named = shared?.has(service.name) ? { named: containerName(app, service.name) } : {};
  const spec = specOf({ ...unlabelled(place, service, false), ...named }, service);
  const { HostConfig, ...more } = unlabelled(place, service, startInterval);
  return {
    ...more,
    HostConfig: { ...HostConfig, ...limitsPayload(service) },
    Labels: {
      ...service.labels,
      ...containerLabels(place.app, place.owner, { service: service.name, spec }),
    },
  };
}

/** @returns the names of services whose network, processes or memory another one shares */
export const sharedBy = (services: readonly Service[]): Set<string> =>
  new Set(
    services.flatMap(({ network, pidOf, ipcOf }) => [
      ...(typeof network === 'object' ? [network.of] : []),
      ...[pidOf, ipcOf].filter((other) => typeof other === 'string'),
    ]),
  );

/** @returns e.g. `v2:9f86d0…`; the version changes when what is hashed does */
function specOf(payload: object, { labels, files }: Service): string {
  const text = JSON.stringify(payload) + (labels || files ? JSON.stringify([labels, files]) : '');
  return `v2:${createHash('sha256').update(text).digest('hex')}`;
}

/** Without what can be changed of it while it runs. */
function unlabelled(place: Placement, service: Service, startInterval: boolean) {
  const bindings = place.bindings.filter((binding) => binding.service === service.name);
  const aliases = { Aliases: [service.name, ...service.aliases] };
  return {
    Image: service.image,
    ...(service.entrypoint && { Entrypoint: [...service.entrypoint] }),
    ...(service.command && { Cmd: [...service.command] }),
    ...(service.user && { User: service.user }),
    ...(service.workingDir && { WorkingDir: service.workingDir }),
    ...(service.hostname && { Hostname: service.hostname }),
    ...(service.domainname && { Domainname: service.domainname }),
    ...(service.tty && { Tty: true }),
    ...(service.stdinOpen && { OpenStdin: true }),
    ...(service.stopSignal && { StopSignal: service.stopSignal }),
    ...(service.healthcheck && { Healthcheck: healthcheck(service.healthcheck, startInterval) }),
    StopTimeout: service.stopGraceSeconds,
    Env: Object.entries(service.environment).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries(bindings.map((binding) => [inside(binding), {}])),
    HostConfig: hostConfig(place, service, bindings),
    NetworkingConfig: {
      EndpointsConfig: service.network ? {} : { [projectOf(place.app)]: aliases },
    },
  };
}

function hostConfig({ app }: Placement, service: Service, bindings: readonly Binding[]) {
  return {
    NetworkMode: networkMode(app, service.network),
    Mounts: service.mounts.map((mount) => toMount(app, mount)),
    PortBindings: published(bindings),
    Init: service.init,
    ReadonlyRootfs: service.readOnly,
    ...privileges(service),
    ...bounds(service),
    ...namespaces(app, service),
    ...names(service),
    ...(service.annotations && { Annotations: { ...service.annotations } }),
    LogConfig: logConfig(service.logging),
  };
}

function privileges({ capAdd, capDrop = [], privileged, devices, gpus, groupAdd }: Service) {
  const kept = DEFAULT_CAPABILITIES.filter((name) => !capDrop.includes(name));
  return {
    CapDrop: ['ALL'],
    CapAdd: [...new Set([...(capDrop.includes('ALL') ? [] : kept), ...capAdd])].sort(),
    SecurityOpt: ['no-new-privileges:true'],
    ...(privileged && { Privileged: true }),
    ...(groupAdd && { GroupAdd: [...groupAdd] }),
    ...(devices && {
      Devices: devices.map(({ source, target, access }) => ({
        PathOnHost: source,
        PathInContainer: target,
        CgroupPermissions: access,
      })),
    }),
    ...(gpus && {
      DeviceRequests: [
        {
          Driver: gpus.driver,
          Count: gpus.count,
          DeviceIDs: [...gpus.ids],
          Capabilities: [[...gpus.capabilities]],
        },
      ],
    }),
  };
}

const bounds = ({ shmSizeBytes, ulimits, sysctls }: Service) => ({
  ...(shmSizeBytes && { ShmSize: shmSizeBytes }),
  ...(ulimits && {
    Ulimits: ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
  }),
  ...(sysctls && { Sysctls: { ...sysctls } }),
});

const ofContainer = (app: AppIdentity, service: string): string =>
  `container:${containerName(app, service)}`;

function networkMode(app: AppIdentity, network: Service['network']): string {
  if (network === undefined) return projectOf(app);
  return typeof network === 'string' ? network : ofContainer(app, network.of);
}

const namespaces = (app: AppIdentity, { pidOf, ipcOf, sharesIpc }: Service) => ({
  ...(pidOf && { PidMode: ofContainer(app, pidOf) }),
  ...(sharesIpc && { IpcMode: 'shareable' }),
  ...(ipcOf && { IpcMode: ofContainer(app, ipcOf) }),
});

const names = ({ dns, dnsSearch, dnsOptions, extraHosts }: Service) => ({
  ...(dns && { Dns: [...dns] }),
  ...(dnsSearch && { DnsSearch: [...dnsSearch] }),
  ...(dnsOptions && { DnsOptions: [...dnsOptions] }),
  ...(extraHosts && { ExtraHosts: [...extraHosts] }),
});

/** What is said without units is bytes, as Docker has it; what is not said is rotated like the rest. */
function logConfig(logging: Logging = { driver: 'json-file' }) {
  if (logging.driver === 'none') return { Type: 'none', Config: {} };
  const { driver, maxSize = '10m', maxFiles = 3 } = logging;
  return {
    Type: driver,
    Config: {
      'max-size': maxSize.toLowerCase().replace(/([kmg])b$|b$/, '$1'),
      'max-file': String(maxFiles),
    },
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
  switch (mount.kind) {
    case 'tmpfs':
      return {
        Type: 'tmpfs' as const,
        Target: mount.target,
        TmpfsOptions: {
          SizeBytes: mount.sizeBytes,
          ...(mount.mode !== undefined && { Mode: mount.mode }),
        },
      };
    case 'host':
      return {
        Type: 'bind' as const,
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount.readOnly,
        BindOptions: { Propagation: 'rprivate' as const, CreateMountpoint: false },
      };
    case 'volume':
      return {
        Type: 'volume' as const,
        Source: volumeName(app, mount.volume),
        Target: mount.target,
        ReadOnly: mount.readOnly,
        ...(mount.noCopy && { VolumeOptions: { NoCopy: true } }),
      };
  }
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
  if (check.startInterval !== undefined) {
    return { ...given, StartInterval: nanoseconds(check.startInterval) };
  }
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

/** The body of `POST /volumes/create`; one of a pool is bound to its folder there. */
export function volumePayload(
  name: string,
  labels: Readonly<Record<string, string>>,
  { folders }: Pick<Scope, 'folders'>,
) {
  const device = folders?.get(name);
  return {
    Name: name,
    Driver: 'local',
    Labels: { ...labels },
    ...(device !== undefined && { DriverOpts: { type: 'none', o: 'bind', device } }),
  };
}

/** The body of `POST /networks/create`. */
export const networkPayload = (
  labels: Readonly<Record<string, string>>,
  { network, appId, internal }: Scope,
) => ({
  Name: network,
  Driver: 'bridge',
  ...(internal && { Internal: true }),
  Labels: { ...labels },
  Options: { [BRIDGE_NAME]: bridgeOf(appId) },
});
