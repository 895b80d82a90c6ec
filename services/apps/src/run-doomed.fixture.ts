import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fromRig } from '@cep/testing/from-rig';
import type { World } from './apps.fixture.ts';

const FILE = fileURLToPath(new URL('doomed.fixture.ts', import.meta.url));

/**
 * Runs the service in a process that is killed at one of its changes, or after a while.
 *
 * @param point  see doomed.fixture.ts
 * @param patience  that while, milliseconds
 */
export async function runDoomed(
  { url, masterKey }: Pick<World, 'url' | 'masterKey'>,
  point: number,
  patience = 8_000,
): Promise<NodeJS.Signals | null> {
  const args = ['--conditions=source', FILE, String(point), url, masterKey];
  const child = spawn(process.execPath, [...args, fromRig('TEST_DOCKER_HOST')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  const [, signal] = await once(child, 'exit');
  clearTimeout(timer);
  return signal;
}
