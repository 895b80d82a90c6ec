/** Which Docker Engines the server reaches, as it tells administrators. */
import { listEngines } from '@cep/contracts/engines';
import { Problem } from '@cep/contracts/problems';
import type { Client } from '@cep/http/client';
import { describeState } from '../engines/describe.ts';
import { type Finding, missing, ok } from './finding.ts';

/** Nothing for who may not see them, or while the server itself is not reached. */
export async function checkEngines(client: Client): Promise<Finding[]> {
  const { engines } = await client.call(listEngines, {}).catch((error: unknown) => {
    if (error instanceof Problem) return { engines: [] };
    throw error;
  });
  return engines.map((engine) => {
    const name = `engine ${engine.name}`;
    if (engine.state !== 'reachable') {
      return missing(name, describeState(engine), nextStep(engine.url));
    }
    const docker = engine.version ? `Docker ${engine.version}` : 'reachable';
    const { unlimited } = engine;
    // Apps run all the same.
    const note =
      unlimited.length > 0 ? `; it limits no app’s ${unlimited.join(', ')}. ${CURE}` : '';
    return ok(name, `${docker}${note}`);
  });
}

const CURE =
  'On a Raspberry Pi, add cgroup_enable=memory to the line in /boot/firmware/cmdline.txt and restart it';

const nextStep = (url: string | null): string =>
  url === null
    ? 'systemctl start docker'
    : `see that its machine is on and that ${url} is open to cep`;
