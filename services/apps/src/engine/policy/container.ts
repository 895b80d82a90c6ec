import { image } from './images.ts';
import { isolation } from './isolation.ts';
import {
  type Check,
  flag,
  isText,
  isWhole,
  limit,
  list,
  object,
  refuse,
  text,
  texts,
  value,
} from './judge.ts';
import { annotations, containerLabels } from './labels.ts';
import { logging, noSwap, resources, shmSize, ulimits } from './limits.ts';
import { mount } from './mounts.ts';
import { exposedPorts, names, networking, networkMode, portBindings } from './network.ts';

const hostConfigMembers = object(
  {
    ...resources,
    ...isolation,
    ...names,
    NetworkMode: networkMode,
    Mounts: list(mount),
    PortBindings: portBindings,
    Init: flag,
    ReadonlyRootfs: flag,
    ShmSize: shmSize,
    Ulimits: ulimits,
    Annotations: annotations,
    LogConfig: logging,
  },
  [
    'NetworkMode',
    'CapDrop',
    'SecurityOpt',
    'PidsLimit',
    'Memory',
    'MemorySwap',
    'CpuPeriod',
    'CpuQuota',
    'LogConfig',
  ],
);

const hostConfig: Check = (given, scope, path) =>
  hostConfigMembers(given, scope, path) ?? noSwap(given, scope, path);

const duration = value('limits', (given) => isWhole(given, 0, 2 ** 50), 'a duration');
const variable = value(
  'wrong-type',
  (given) => isText(given) && /^[^\s=\0]+=[^\0]*$/.test(given),
  'NAME=…',
);

const members = object(
  {
    Image: image,
    Entrypoint: texts,
    Cmd: texts,
    Env: list(variable),
    User: text,
    WorkingDir: text,
    Hostname: text,
    Domainname: text,
    Tty: flag,
    OpenStdin: flag,
    StopSignal: text,
    StopTimeout: limit(3600, 0),
    Labels: containerLabels,
    ExposedPorts: exposedPorts,
    Healthcheck: object({
      Test: texts,
      Interval: duration,
      Timeout: duration,
      StartPeriod: duration,
      StartInterval: duration,
      Retries: limit(1000),
    }),
    HostConfig: hostConfig,
    NetworkingConfig: networking,
  },
  ['Image', 'Labels', 'HostConfig', 'NetworkingConfig'],
);

/** Ports of a network that is not the app's would be reached by whoever is on that one. */
const noForeignPorts: Check = (given, { network }, path) => {
  const { HostConfig: host, NetworkingConfig: on } = given as {
    HostConfig: { NetworkMode: string; PortBindings?: object };
    NetworkingConfig: { EndpointsConfig?: object };
  };
  if (host.NetworkMode === network) return undefined;
  const isReached = Object.keys(host.PortBindings ?? {}).length > 0;
  const isOn = Object.keys(on.EndpointsConfig ?? {}).length > 0;
  return isReached || isOn
    ? refuse('network', path || 'NetworkingConfig', 'must be empty without a network of its own')
    : undefined;
};

export const container: Check = (given, scope, path) =>
  members(given, scope, path) ?? noForeignPorts(given, scope, path);
