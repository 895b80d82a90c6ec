import { access, rm, writeFile } from 'node:fs/promises';
import { run } from './commands.ts';

/** What the rig uses as the machine's own suite has it: any recent version does. */
const PACKAGES = [
  'bind9-dnsutils',
  'containerd',
  'dbus',
  'dnsperf',
  'docker-registry',
  'git',
  'iproute2',
  'iptables',
  'iputils-ping',
  'knot-dnsutils',
  'rabbitmq-server',
  'redis-tools',
  'runc',
  'systemd',
  'tini',
  'util-linux',
];

const POLICY = '/usr/sbin/policy-rc.d';

/** Installs what is missing of {@link PACKAGES}; none of their services starts, now or at boot. */
export async function installSystemPackages(): Promise<void> {
  const missing: string[] = [];
  for (const name of PACKAGES) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return;
  const release = await forbidServices();
  try {
    const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
    await run('apt-get', '-q', ...patience, 'update');
    const install = ['install', '--yes', '--no-install-recommends', ...missing];
    await run('apt-get', '-q', ...patience, ...install);
    for (const name of missing) await run('systemctl', 'disable', name).catch(() => {});
  } finally {
    await release();
  }
}

async function isInstalled(name: string): Promise<boolean> {
  const status = run('dpkg-query', '--show', '--showformat=${db:Status-Status}', name);
  return (await status.catch(() => '')) === 'installed';
}

/** Keeps maintainer scripts from starting services, unless the machine's policy says something. */
async function forbidServices(): Promise<() => Promise<void>> {
  const hasPolicy = await access(POLICY).then(
    () => true,
    () => false,
  );
  if (hasPolicy) return async () => {};
  await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => rm(POLICY, { force: true });
}
