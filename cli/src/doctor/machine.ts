/** Whether this machine has what cep uses but does not bring. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { findNebula, mayMakeInterfaces } from '../agent/nebula-program.ts';
import { isThisMachine, type Target } from '../server.ts';
import { type Finding, missing, ok } from './finding.ts';

const DOCKER_SOCKET = '/var/run/docker.sock';

/** @param server  Docker is for the machine on which cep runs, and not asked for elsewhere */
export const checkMachine = async (
  env: NodeJS.ProcessEnv,
  server: Pick<Target, 'url'> | undefined,
): Promise<Finding[]> => [
  await checkNebula(env),
  checkTun(),
  ...(server && !isThisMachine(server.url) ? [] : [await checkDocker(env)]),
];

async function checkNebula(env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const { path, version } = await findNebula(env);
    return ok('nebula', `${version} at ${path}`);
  } catch (error) {
    return missing('nebula', (error as Error).message, 'sudo apt-get install -y nebula');
  }
}

function checkTun(): Finding {
  if (!existsSync('/dev/net/tun'))
    return missing('network interfaces', 'there is no /dev/net/tun', 'sudo modprobe tun');
  const how = mayMakeInterfaces() ? 'may be made' : 'may be made with sudo';
  return ok('network interfaces', how);
}

async function checkDocker({ DOCKER_HOST }: NodeJS.ProcessEnv): Promise<Finding> {
  const address = DOCKER_HOST || `unix://${DOCKER_SOCKET}`;
  if (!address.startsWith('unix://')) return ok('docker', `at ${address}`);
  const failed = await knock(address.slice('unix://'.length));
  if (!failed) return ok('docker', `answers at ${address}`);
  return failed.code === 'EACCES'
    ? missing('docker', 'it is not for this user', 'sudo usermod -aG docker "$USER"')
    : missing('docker', `nothing answers at ${address}`, 'sudo apt-get install -y docker.io');
}

function knock(path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.end();
      resolve(undefined);
    }).once('error', resolve);
  });
}
