import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { answerClientError } from './client-error.ts';

export interface Listening {
  /** Where it is reached, e.g. `http://127.0.0.1:49152`. */
  readonly url: URL;
  /** Takes no more requests and lets those under way finish for up to `graceMs` milliseconds. */
  close(graceMs?: number): Promise<void>;
}

interface Where {
  /** Absent: every address of the machine. */
  readonly host?: string | undefined;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Serves HTTPS with this key and certificate, as PEM. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Limits on what arrives, beyond those of node:http. */
  readonly limits?: ServerOptions;
}

/** How long a TLS handshake may take. */
const HANDSHAKE_MS = 10_000;

/** @throws {Error} with `code` `EADDRINUSE` when the port is taken */
export async function listen(handler: RequestListener, where: Where): Promise<Listening> {
  const server: Server = where.tls
    ? createTlsServer(
        { ...where.limits, ...where.tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS },
        handler,
      )
    : createServer({ ...where.limits }, handler);
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(where.port, where.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = where.host?.includes(':') ? `[${where.host}]` : (where.host ?? 'localhost');
  return {
    url: new URL(`${where.tls ? 'https' : 'http'}://${host}:${port}`),
    close: (graceMs = 2_000) => close(server, graceMs),
  };
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const impatient = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(impatient);
      resolve();
    });
    server.closeIdleConnections();
  });
}
