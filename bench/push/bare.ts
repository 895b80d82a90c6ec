/** What Node itself takes for so many connections, in a program of nothing but a server. */
import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { fileURLToPath } from 'node:url';
import { startBare } from './image.ts';
import { memoryOf } from './process.ts';

interface Kind {
  readonly connections: number;
  /** Files of a key and a certificate: over TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** @returns MB that are resident while all of the connections are open */
export async function bareMemory({ connections, tls }: Kind): Promise<number> {
  const program = fileURLToPath(new URL('bare-server.js', import.meta.url));
  const bare = await startBare([program, ...(tls ? [tls.key, tls.cert] : [])]);
  const request = tls ? requestHttps : requestHttp;
  const options = { port: bare.port, host: '127.0.0.1', agent: false, rejectUnauthorized: false };
  const sent = [];
  for (let n = 0; n < connections; n += 1) {
    const one = request(options).on('error', () => {});
    sent.push(one.end());
    await once(one, 'response');
  }
  const { resident } = memoryOf(bare.pid);
  for (const one of sent) one.destroy();
  await bare.stop();
  return resident;
}
