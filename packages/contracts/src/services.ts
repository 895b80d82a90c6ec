/** Which service owns a noun: the first word of a path after `/v1/`. The gateway forwards by it. */
export const owners = {
  networks: 'network',
  'host-authentications': 'network',
  apps: 'apps',
  'all-apps': 'apps',
  plans: 'apps',
  'app-events': 'apps',
  executions: 'apps',
  stores: 'apps',
  operations: 'apps',
  pools: 'apps',
  orphans: 'apps',
  backups: 'apps',
  'backup-targets': 'apps',
  engines: 'apps',
  sessions: 'accounts',
  users: 'accounts',
  tokens: 'accounts',
  authentications: 'accounts',
} as const;

export type ServiceName = (typeof owners)[keyof typeof owners];

/** @returns the service that owns the noun of `/v1/NOUN/…`, or nothing */
export function ownerOf(path: string): ServiceName | undefined {
  const noun = path.split('/', 3)[2] ?? '';
  return Object.hasOwn(owners, noun) ? owners[noun as keyof typeof owners] : undefined;
}
