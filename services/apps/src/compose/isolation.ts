/** What keeps a service from the machine, and what it asks to be let through; the policy decides. */
import { refused } from './context.ts';
import { entriesOf } from './environment.ts';
import type { Device, Service } from './model.ts';
import type { ComposeService } from './schema.ts';

type Isolation = Pick<
  Service,
  'capAdd' | 'capDrop' | 'privileged' | 'devices' | 'sysctls' | 'pidOf' | 'ipcOf' | 'readOnly'
>;

/** @throws {Problem} `invalid-request` that begins with the path of the key */
export function readIsolation(path: string, service: ComposeService): Isolation {
  const capabilities = (key: 'cap_add' | 'cap_drop') => [
    ...new Set((service[key] ?? []).map((name) => capability(`${path}/${key}`, name))),
  ];
  const devices = (service.devices ?? []).map((text) => readDevice(`${path}/devices`, text));
  const sysctls = readSysctls(`${path}/sysctls`, service.sysctls);
  const dropped = capabilities('cap_drop');
  for (const option of service.security_opt ?? []) assertHardening(`${path}/security_opt`, option);
  return {
    capAdd: capabilities('cap_add'),
    readOnly: service.read_only ?? false,
    ...(dropped.length > 0 && { capDrop: dropped }),
    ...(service.privileged && { privileged: true }),
    ...(devices.length > 0 && { devices }),
    ...(Object.keys(sysctls).length > 0 && { sysctls }),
    ...namespaces(path, service),
  };
}

/** `net_admin` and `CAP_NET_ADMIN` are `NET_ADMIN`, so that a policy has one name to look for. */
function capability(path: string, name: string): string {
  const normal = name.toUpperCase().replace(/^CAP_/, '');
  if (!/^[A-Z_]{2,32}$/.test(normal)) throw refused(path, `has "${name}", which is no capability`);
  return normal;
}

/** The one option that makes a service safer is always on; whatever else there is makes it less so. */
function assertHardening(path: string, option: string): void {
  if (/^no-new-privileges([:=]true)?$/.test(option)) return;
  throw refused(
    path,
    `has "${option}": but for no-new-privileges, which every app has, nothing may be changed here`,
  );
}

function readDevice(path: string, text: string): Device {
  const [source = '', target = source, access = 'rwm', ...more] = text.split(':');
  const isPath = (each: string) => /^\/dev\/[^\0]+$/.test(each) && !each.split('/').includes('..');
  if (more.length > 0 || !isPath(source) || !isPath(target) || !/^[rwm]{1,3}$/.test(access)) {
    throw refused(path, `must be /dev/… or /dev/…:/dev/…:rwm, not "${text}"`);
  }
  return { source, target, access };
}

function readSysctls(path: string, given: ComposeService['sysctls']): Record<string, string> {
  const entries = entriesOf(given).map(([name, value]) => {
    if (!/^[a-z0-9_]+([./-][a-z0-9_]+)+$/i.test(name)) {
      throw refused(path, `has "${name}", which is no kernel parameter`);
    }
    if (value === null || !/^[\w\s.,:-]{1,100}$/.test(value)) {
      throw refused(`${path}/${name}`, 'must have a value');
    }
    return [name.replaceAll('/', '.'), value] as const;
  });
  return Object.fromEntries(entries);
}

function namespaces(path: string, { pid, ipc }: ComposeService): Pick<Service, 'pidOf' | 'ipcOf'> {
  return {
    ...(pid !== undefined && { pidOf: serviceOf(`${path}/pid`, pid) }),
    ...(ipc !== undefined &&
      !['private', 'shareable'].includes(ipc) && { ipcOf: serviceOf(`${path}/ipc`, ipc) }),
  };
}

function serviceOf(path: string, text: string): string {
  const name = /^service:(.+)$/.exec(text)?.[1];
  if (name !== undefined) return name;
  throw refused(path, `is "${text}", but may only be service:NAME, of a service of the same file`);
}
