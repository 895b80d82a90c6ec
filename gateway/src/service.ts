import { type Listening, listen } from '@cep/http/listen';
import { callerSigner } from '@cep/http/sign-caller';
import type { Logger } from '@cep/logging/logger';
import { gatewayApp } from './app.ts';
import type { GatewayConfig } from './config.ts';
import { createLimits } from './limits.ts';
import { fingerprint } from './tls/certificate.ts';
import { tlsIdentity } from './tls/identity.ts';

/**
 * For requests, not for responses: a stream may last. A client that sends its headers or its body
 * byte by byte is cut off.
 */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 30_000,
  maxHeaderSize: 16 * 1024,
};

export interface RunningGateway {
  /** HTTPS. */
  readonly url: URL;
  /** HTTP on loopback, unless it is off. */
  readonly httpUrl?: URL | undefined;
  /** PEM, for clients to pin. */
  readonly certificate: string;
  /** Its SHA-256, for people to compare. */
  readonly fingerprint: string;
  stop(): Promise<void>;
}

/** @throws {Error} when a port is taken, or TLS_DIR cannot be used */
export async function startGateway(
  config: GatewayConfig,
  { log }: { readonly log: Logger },
): Promise<RunningGateway> {
  const names = config.NAMES.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const tls = await tlsIdentity(config.TLS_DIR, names);
  const app = gatewayApp({
    services: {
      network: new URL(config.NETWORK_URL),
      apps: new URL(config.APPS_URL),
      accounts: new URL(config.ACCOUNTS_URL),
    },
    sign: callerSigner(config.CALLER_KEY),
    limits: createLimits(config.REQUESTS_PER_MINUTE),
    log,
  });
  const https = await listen(app, { host: config.HOST, port: config.PORT, tls, limits: LIMITS });
  const http = await listenHttp(app, config.HTTP_PORT).catch(async (error: unknown) => {
    await https.close();
    throw error;
  });
  return {
    url: https.url,
    httpUrl: http?.url,
    certificate: tls.cert,
    fingerprint: fingerprint(tls.cert),
    async stop() {
      await Promise.all([https.close(), http?.close()]);
    },
  };
}

/** Never beyond loopback: credentials pass here in clear. */
async function listenHttp(
  app: ReturnType<typeof gatewayApp>,
  port = 0,
): Promise<Listening | undefined> {
  if (port === 0) return undefined;
  return listen(app, { host: '127.0.0.1', port, limits: LIMITS });
}
