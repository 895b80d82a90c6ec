/** One service of another store's app, with the keys that cep runs. */
import { type Draft, listOf, type Members, membersOf, type Tree, textOf } from './draft.ts';
import { convertMounts, type Volumes } from './mounts.ts';
import { convertPorts, type PublishedPort } from './ports.ts';
import { convertText, convertTree } from './variables.ts';

const KEPT = [
  'image',
  'entrypoint',
  'command',
  'expose',
  'links',
  'container_name',
  'hostname',
  'user',
  'working_dir',
  'stop_grace_period',
  'stop_signal',
  'init',
  'read_only',
  'shm_size',
  'tmpfs',
  'mem_limit',
  'cpus',
  'pids_limit',
];
/** Said by cep in another way, or saying nothing. */
const NEEDLESS = ['networks', 'labels', 'logging', 'stdin_open', 'tty', 'pull_policy', 'platform'];
const CONVERTED = [
  'environment',
  'volumes',
  'ports',
  'depends_on',
  'healthcheck',
  'restart',
  'deploy',
];
const HEALTHCHECK = ['test', 'interval', 'timeout', 'start_period', 'retries', 'disable'];
const DEFAULT_NETWORKS = ['bridge', 'default'];

export interface ConvertedService {
  readonly service: Members;
  readonly published: readonly PublishedPort[];
}

/** @param environment  with its passwords replaced already */
export function convertService(
  draft: Draft,
  name: string,
  source: Members,
  { environment, volumes }: { readonly environment: Members; readonly volumes: Volumes },
): ConvertedService {
  const kept = KEPT.filter((key) => source[key] !== undefined && source[key] !== null);
  const { ports, published } = convertPorts(draft, name, listOf(source.ports));
  const mounts = convertMounts(draft, name, { entries: listOf(source.volumes), volumes });
  warnOfDropped(draft, name, source);
  const dependsOn = convertDependencies(source.depends_on);
  const healthcheck = Object.entries(membersOf(source.healthcheck)).filter(([key]) =>
    HEALTHCHECK.includes(key),
  );
  const limits = membersOf(membersOf(membersOf(source.deploy).resources).limits);
  const restart = (textOf(source.restart) ?? 'unless-stopped').replace(/:.*$/, '');
  const service: Members = {
    ...Object.fromEntries(kept.map((key) => [key, convertTree(draft, source[key] ?? null)])),
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(ports.length > 0 && { ports }),
    ...(mounts.length > 0 && { volumes: mounts }),
    ...(dependsOn && { depends_on: dependsOn }),
    ...(healthcheck.length > 0 && {
      healthcheck: convertTree(draft, Object.fromEntries(healthcheck)),
    }),
    ...(Object.keys(limits).length > 0 && {
      deploy: { resources: { limits: convertTree(draft, limits) } },
    }),
    restart,
  };
  if (!/:[^/]+$|@sha256/.test(textOf(source.image) ?? '')) {
    draft.warn(`${name}: the image has no version, so it is whatever is newest; add one.`);
  }
  return { service, published };
}

function warnOfDropped(draft: Draft, name: string, source: Members): void {
  for (const [key, value] of Object.entries(source)) {
    if ([...KEPT, ...CONVERTED, ...NEEDLESS].includes(key) || key.startsWith('x-')) continue;
    if (key === 'network_mode' && DEFAULT_NETWORKS.includes(textOf(value) ?? '')) continue;
    if (value === false || value === null) continue;
    draft.warn(
      `${name}: "${key}" is left out: cep gives no app so much by itself, or does not know it.`,
    );
  }
}

/** Names with their conditions; what else it says has no meaning here. */
function convertDependencies(tree: Tree | undefined): Tree | undefined {
  if (tree === undefined || tree === null) return undefined;
  if (Array.isArray(tree)) return tree;
  return Object.fromEntries(
    Object.entries(membersOf(tree)).map(([name, member]) => [
      name,
      { condition: textOf(membersOf(member).condition) ?? 'service_started' },
    ]),
  );
}

/** Both forms as one, as text; a name without a value is left to a parameter of that name. */
export function environmentOf(draft: Draft, tree: Tree | undefined): Record<string, string> {
  const entries = Array.isArray(tree)
    ? tree.map((entry) => {
        const text = textOf(entry) ?? '';
        const at = text.indexOf('=');
        return at < 0
          ? ([text, null] as const)
          : ([text.slice(0, at), text.slice(at + 1)] as const);
      })
    : Object.entries(membersOf(tree)).map(([key, value]) => [key, textOf(value) ?? null] as const);
  return Object.fromEntries(
    entries
      .filter(([key]) => /^[^\s=]+$/.test(key))
      .map(([key, value]) => [key, convertText(draft, value ?? `\${${key}}`)]),
  );
}
