import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connect } from 'amqplib';
import type { Part } from './part.ts';
import { freePort, type Server, startServer } from './processes.ts';

/** Debian's own script, without the wrapper that changes to the user of the system's broker. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** RabbitMQ with a node name, data and an epmd of its own; undefined where it is not installed. */
export async function startRabbitmq(rig: string): Promise<Part | undefined> {
  if (!existsSync(PROGRAM)) return;
  const folder = join(rig, 'rabbitmq');
  const [port, distribution, epmdPort] = [await freePort(), await freePort(), await freePort()];
  await mkdir(folder, { mode: 0o700, recursive: true });
  await writeFile(join(folder, 'rabbitmq.conf'), 'loopback_users.guest = false\n');
  await writeFile(join(folder, 'plugins'), '[].\n');
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const epmd = await startEpmd(folder, epmdPort);
  const env = {
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    RABBITMQ_NODENAME: 'test@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    // One scheduler sleeps instead of spinning: the tests want the processor.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
  };
  const ready = async () => (await connect(url)).close();
  const starting = startServer('rabbitmq', [PROGRAM], { folder, env, ready });
  const broker = await starting.catch(async (error) => {
    await epmd.stop();
    throw error;
  });
  return {
    env: { TEST_RABBITMQ_URL: url },
    // Its data goes with the rig: nothing is worth an orderly end.
    stop: async () => {
      await broker.stop('SIGKILL');
      await epmd.stop();
    },
  };
}

/** Erlang's name server. Started by the broker it would stay behind, on a port shared by everybody. */
function startEpmd(folder: string, port: number): Promise<Server> {
  const command = ['epmd', '-port', String(port), '-address', '127.0.0.1'];
  return startServer('epmd', command, { folder, ready: () => answers(port) });
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
