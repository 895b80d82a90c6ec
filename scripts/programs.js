/**
 * What cep uses but does not bring: Docker for apps, nebula for hosts. As root on a system with apt
 * they are installed, after saying so; elsewhere the command is printed. cep starts without them.
 * Whoever sets DOCKER_HOST has a Docker already.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = [
  { program: 'dockerd', package: 'docker.io', for: 'apps' },
  { program: 'nebula', package: 'nebula', for: 'hosts on this machine' },
];
const DOCKER_SOCKET = '/var/run/docker.sock';

export function installPrograms({ mayInstall }) {
  if (process.platform !== 'linux') return;
  const missing = PROGRAMS.filter(
    ({ program }) => !isInstalled(program) && !(program === 'dockerd' && process.env.DOCKER_HOST),
  );
  if (missing.length > 0) install(missing, mayInstall);
  startDocker(mayInstall);
}

function install(missing, mayInstall) {
  const packages = missing.map((each) => each.package).join(' ');
  const what = missing.map((each) => `${each.package} (for ${each.for})`).join(' and ');
  const command = `apt-get update && apt-get install -y ${packages}`;
  if (!mayInstall || !isRoot() || !isInstalled('apt-get')) {
    const how = isInstalled('apt-get')
      ? ` Install with: ${isRoot() ? '' : 'sudo '}sh -c '${command}'`
      : '';
    console.log(`Not installed: ${what}. The rest of cep works without.${how}`);
    return;
  }
  console.log(`Installing ${what} by apt …`);
  const { status } = spawnSync('sh', ['-c', command], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) console.log(`That failed; cep starts without. Try it yourself: ${command}`);
}

/**
 * Where no init system does it, as in a container, an installed Docker is started here: by its own
 * service script, and by itself where that script wants limits that it may not have.
 */
function startDocker(mayInstall) {
  if (!mayInstall || !isRoot() || process.env.DOCKER_HOST || isThere(0)) return;
  if (!isInstalled('dockerd') || existsSync('/run/systemd/system')) return;
  console.log('Starting Docker …');
  const { status } = spawnSync('service', ['docker', 'start'], { stdio: 'ignore' });
  if (status === 0 && isThere(5)) return;
  const log = openSync('/var/log/docker.log', 'a');
  spawn('dockerd', { detached: true, stdio: ['ignore', log, log] })
    .on('error', () => {})
    .unref();
  if (!isThere(20)) console.log('Docker does not start: see /var/log/docker.log.');
}

/** Whether Docker's socket is there within so many seconds. */
function isThere(seconds) {
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (let tenth = 0; tenth < seconds * 10 && !existsSync(DOCKER_SOCKET); tenth += 1) {
    Atomics.wait(wait, 0, 0, 100);
  }
  return existsSync(DOCKER_SOCKET);
}

const isRoot = () => process.getuid?.() === 0;

/** Debian keeps programs for administrators where other people's PATH does not look. */
function isInstalled(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}
