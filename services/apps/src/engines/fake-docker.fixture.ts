/** What answers as a Docker would that cannot be had here: an old one, an open one, an expired one. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Issued } from '@cep/testing/certificates';

interface Fake {
  readonly identity: Issued;
  /** PEM: who signs the certificates of clients. */
  readonly ca: string;
  /** Whether it turns away who shows no certificate. */
  readonly isClosed?: boolean;
  readonly apiVersion?: string;
}

export async function startFakeDocker({
  identity,
  ca,
  isClosed = true,
  apiVersion = '1.45',
}: Fake) {
  const { certificate: cert, key } = identity;
  const tls = { cert, key, ca, requestCert: isClosed, rejectUnauthorized: isClosed };
  const server = createServer(tls, (request, response) => {
    const version = { Version: '20.10', ApiVersion: apiVersion, Os: 'linux', Arch: 'amd64' };
    const isInfo = request.url?.includes('/info');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isInfo ? { ID: 'fake' } : version));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return running(server);
}

/** A Docker without TLS. */
export async function startPlainDocker() {
  const server = createHttpServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return running(server);
}

const running = (server: ReturnType<typeof createServer | typeof createHttpServer>) => ({
  url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
  close() {
    server.close();
    server.closeAllConnections();
  },
});
