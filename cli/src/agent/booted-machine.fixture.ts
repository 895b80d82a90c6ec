/** A host of a lab that systemd has booted, as it boots a computer, with systemd-resolved. */
import { eventually } from '@cep/testing/eventually';
import { fromRig } from '@cep/testing/from-rig';
import type { LabHost } from '@cep/testing/lab-host';
import { startMachine, type WholeMachine } from './whole-machine.fixture.ts';

/** What runs on it: nothing that belongs to the computer the tests are on, or would change it. */
const UNITS = [
  ...['sysinit', 'basic', 'sockets', 'network', 'nss-lookup', 'network-online', 'multi-user'],
  'shutdown',
].map((name) => `${name}.target`);
const SERVICES = ['dbus.socket', 'dbus.service', 'systemd-resolved.service'];

/** A branch of the control groups for itself, in either of their versions (`cgroups(7)`). */
const CGROUP = `
  tree=/sys/fs/cgroup/systemd
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then tree=/sys/fs/cgroup; fi
  branch=$tree/$(basename "$1")`;

const PREPARE = `${CGROUP}
  mkdir "$branch"
  echo $$ > "$branch/cgroup.procs"`;

/** What was killed takes a moment to be gone. */
const CLEAR = `${CGROUP}
  for _ in $(seq 50); do
    find "$branch" -depth -type d -exec rmdir {} + 2> /dev/null
    if ! [ -d "$branch" ]; then break; fi
    sleep 0.1
  done`;

const boot = (usr: string): string => `
  mount -t overlay -o lowerdir=${usr}:/usr overlay /usr
  mount --bind "$1" /etc
  mount -t tmpfs -o mode=755 tmpfs /run
  umount -l /sys/fs/cgroup
  mount -t sysfs sysfs /sys
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  else
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    mkdir /sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
  fi
  rm -rf /etc/systemd/system
  mkdir -p /etc/systemd/system /run/units/multi-user.target.wants
  : > /etc/machine-id
  systemd-sysusers dbus.conf systemd-resolve.conf 2> /dev/null
  for unit in ${[...UNITS, ...SERVICES].join(' ')}; do
    cp /usr/lib/systemd/system/$unit /run/units/
  done
  for unit in ${SERVICES.join(' ')}; do
    ln -s ../$unit /run/units/multi-user.target.wants/
  done
  export container=lab SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/units
  echo ready
  exec /usr/lib/systemd/systemd --system --unit=multi-user.target > /dev/null 2>&1`;

/** For tests that require `systemd` and `namespaces`. */
export async function bootedMachine(host: LabHost): Promise<WholeMachine> {
  const machine = await startMachine(host, {
    prepare: PREPARE,
    namespaces: ['--uts', '--ipc', '--cgroup'],
    first: boot(fromRig('TEST_SYSTEMD')),
    clear: CLEAR,
  });
  await eventually(async () => {
    const { stdout, stderr } = await machine.exec('systemctl', ['is-system-running']);
    if (stdout.trim() !== 'running') throw new Error(`not booted: ${stdout} ${stderr}`);
  });
  return machine;
}
