/** What an app asks for beyond what every app may have. Pure; `policy.ts` enforces it. */
import type { RenderedApp, Service } from '../compose/model.ts';
import { isPrivileged, portPermission } from '../compose/ports.ts';
import { GRANTED_TO_ALL } from './capabilities.ts';
import { isFreeSysctl } from './policy/isolation.ts';

export interface Needed {
  /** e.g. `capability:NET_ADMIN`, as an administrator grants it. */
  readonly permission: string;
  /** Where the file asks for it. */
  readonly path: string;
}

/** Each permission once, with the first place that asks for it. */
export function permissionsOf({ services }: Pick<RenderedApp, 'services'>): Needed[] {
  const needed = new Map<string, Needed>();
  for (const service of services) {
    const path = `compose/services/${service.name}`;
    for (const [key, permission] of asksFor(service)) {
      if (!needed.has(permission)) needed.set(permission, { permission, path: `${path}/${key}` });
    }
  }
  return [...needed.values()];
}

function asksFor(service: Service): [key: string, permission: string][] {
  const { capAdd, privileged, devices = [], gpus, sysctls = {}, network, mounts, ports } = service;
  const { dns = [], extraHosts = [] } = service;
  const hostPaths = mounts.flatMap((mount) => (mount.kind === 'host' ? [mount] : []));
  return [
    ...capAdd
      .filter((name) => !GRANTED_TO_ALL.has(name))
      .map((name): [string, string] => ['cap_add', `capability:${name}`]),
    ...(privileged ? [['privileged', 'privileged'] as [string, string]] : []),
    ...devices.map(({ source }): [string, string] => ['devices', `device:${source}`]),
    ...(gpus ? [['deploy', 'gpu'] as [string, string]] : []),
    ...Object.keys(sysctls)
      .filter((name) => !isFreeSysctl(name))
      .map((name): [string, string] => ['sysctls', `sysctl:${name}`]),
    ...(network === 'host' ? [['network_mode', 'host-network'] as [string, string]] : []),
    ...hostPaths.map(({ source, readOnly }): [string, string] => [
      'volumes',
      `host-path:${source}${readOnly ? ':ro' : ''}`,
    ]),
    ...ports.filter(isPrivileged).map((port): [string, string] => ['ports', portPermission(port)]),
    ...(dns.length > 0 ? [['dns', 'dns'] as [string, string]] : []),
    ...(extraHosts.some((host) => host.endsWith(':host-gateway'))
      ? [['extra_hosts', 'host-gateway'] as [string, string]]
      : []),
  ];
}
