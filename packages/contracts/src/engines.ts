import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, Ipv4, oneOf, type Static, Timestamp, Type } from './schema.ts';

const orNull = <const S extends Parameters<typeof Type.Union>[0][number]>(
  schema: S,
  description: string,
) => Type.Union([schema, Type.Null()], { description });

/** A Docker Engine that apps are placed on. */
export const Engine = Type.Object({
  name: DnsLabel,
  url: orNull(Type.String(), 'e.g. https://10.42.0.7:2376; null: the Docker of this machine'),
  state: oneOf('reachable', 'lost'),
  since: orNull(Timestamp, 'since when it is lost'),
  why: orNull(Type.String(), 'why it is lost'),
  addresses: Type.Array(Ipv4, {
    description: 'of its machine, on networks: apps are bound to them',
  }),
  everyone: Type.Boolean({ description: 'whether every project may place apps on it' }),
  projects: Type.Array(DnsLabel, { description: 'those that may, besides administrators' }),
  apps: Type.Integer({ minimum: 0, description: 'how many are on it, of all projects' }),
  version: orNull(Type.String(), 'of Docker, when it was last met; null: not met yet'),
  platform: orNull(Type.String(), 'e.g. linux/amd64; null: not met yet'),
  unlimited: Type.Array(oneOf('memory', 'processors', 'processes'), {
    description: 'of what its kernel lets an app take all there is, whatever its limit',
  }),
  certificateExpiresAt: orNull(Timestamp, 'when the certificate with which cep shows itself ends'),
  addedAt: Timestamp,
});
export type Engine = Static<typeof Engine>;

const params = closed({ engine: DnsLabel });

export const listEngines = endpoint({
  method: 'get',
  path: '/v1/engines',
  summary: 'List the Docker Engines that apps are placed on; administrators only',
  status: 200,
  reply: Type.Object({ engines: Type.Array(Engine) }),
});

export const getEngine = endpoint({
  method: 'get',
  path: '/v1/engines/:engine',
  summary: 'Show one engine; administrators only',
  status: 200,
  params,
  reply: Engine,
});

const Pem = (description: string) =>
  Type.String({ minLength: 1, maxLength: 65_536, description: `${description}, PEM` });

export const putEngine = endpoint({
  method: 'put',
  path: '/v1/engines/:engine',
  summary:
    'Add a Docker Engine of another machine, or change how it is reached; administrators only',
  status: 200,
  params,
  body: closed({
    url: Type.String({ maxLength: 300, description: 'https://HOST:PORT; 2376 without a port' }),
    ca: Pem('the authority that signed the certificate of the engine'),
    certificate: Pem('with which cep shows itself'),
    key: Pem('of that certificate; it is sealed and never shown again'),
    addresses: Type.Optional(
      Type.Array(Ipv4, {
        maxItems: 64,
        description: 'of its machine, on networks; as they were when left out',
      }),
    ),
    replaced: Type.Boolean({
      default: false,
      description: 'the machine was replaced: its apps are made anew there, without their data',
    }),
  }),
  reply: Engine,
});

export const shareEngine = endpoint({
  method: 'put',
  path: '/v1/engines/:engine/shares',
  summary: 'Say who may place apps on an engine besides administrators; administrators only',
  status: 200,
  params,
  body: closed({
    everyone: Type.Boolean({ default: false }),
    projects: Type.Array(DnsLabel, {
      default: [],
      maxItems: 1_000,
      uniqueItems: true,
      description: 'all of them: who is not named is let in no more',
    }),
  }),
  reply: Engine,
});

export const removeEngine = endpoint({
  method: 'delete',
  path: '/v1/engines/:engine',
  summary: 'Remove an engine that has neither apps nor their data; administrators only',
  status: 204,
  params,
});
