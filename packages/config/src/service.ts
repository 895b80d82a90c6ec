import { Type } from '@cep/contracts/schema';

/** What every service is told. The gateway's public key is all that it needs to know its callers. */
export const serviceSettings = {
  DATABASE_URL: Type.String({ format: 'uri', description: "the service's own role and schema" }),
  GATEWAY_PUBLIC_KEY: Type.String({ description: 'Ed25519, SPKI, PEM' }),
  HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535 }),
};

/** What a service in a process of its own is told besides. */
export const brokerSettings = {
  RABBITMQ_URL: Type.String({ format: 'uri' }),
};
