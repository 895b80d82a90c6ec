import { closed, type Static, Type } from '@cep/contracts/schema';

const ServiceUrl = Type.String({ format: 'uri', description: 'where the service listens' });

export const GatewayConfig = closed({
  HOST: Type.Optional(Type.String({ description: 'address to listen on; absent: every one' })),
  PORT: Type.Integer({ default: 8443, minimum: 0, maximum: 65535, description: 'HTTPS' }),
  HTTP_PORT: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 65535, description: 'HTTP, on loopback only; 0: none' }),
  ),
  TLS_DIR: Type.String({ minLength: 1, description: 'folder of key.pem and cert.pem' }),
  NAMES: Type.String({
    default: '',
    description: 'more names and addresses for the certificate, with commas',
  }),
  CALLER_KEY: Type.String({ description: 'Ed25519 private key, PKCS #8, PEM' }),
  NETWORK_URL: ServiceUrl,
  APPS_URL: ServiceUrl,
  ACCOUNTS_URL: ServiceUrl,
  REQUESTS_PER_MINUTE: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'of one credential, 1200 when absent; a tenth of it of an address without one',
    }),
  ),
});
export type GatewayConfig = Static<typeof GatewayConfig>;
