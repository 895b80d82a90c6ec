import { appSource } from './app-source.ts';
import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, Ipv4, oneOf, Port, type Static, Type } from './schema.ts';

/** What the policy has against a service. */
const Refusal = Type.Object({
  rule: Type.String(),
  path: Type.String({ description: "in the engine's request" }),
  message: Type.String(),
  remedy: Type.String({ description: 'what to do instead' }),
});

const RenderedService = Type.Object({
  name: DnsLabel,
  image: Type.String(),
  command: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: "null: the image's own",
  }),
  environment: Type.Record(Type.String(), Type.String(), {
    description: 'what is secret is hidden',
  }),
  ports: Type.Array(
    Type.Object({
      target: Port,
      protocol: oneOf('tcp', 'udp'),
      published: Type.Integer({
        description: 'the port that is wanted; the next free one is used',
      }),
    }),
  ),
  mounts: Type.Array(
    Type.Object({
      kind: Type.String({ description: 'volume, tmpfs or host' }),
      source: Type.Union([Type.String(), Type.Null()]),
      target: Type.String(),
      readOnly: Type.Boolean(),
    }),
  ),
  files: Type.Array(Type.String({ description: 'the path of one that is written into it' })),
  dependsOn: Type.Array(DnsLabel),
  limits: Type.Object({
    memoryBytes: Type.Integer(),
    cpus: Type.Number(),
    pids: Type.Integer(),
  }),
  refusal: Type.Union([Refusal, Type.Null()]),
});

/** What would run. Nothing is written down and nothing asked of the engine. */
export const Rendering = Type.Object({
  name: DnsLabel,
  store: DnsLabel,
  template: DnsLabel,
  version: Type.String(),
  address: Ipv4,
  services: Type.Array(RenderedService),
  volumes: Type.Array(Type.String()),
  endpoints: Type.Array(Type.Object({ name: DnsLabel, service: DnsLabel, port: Port })),
  parameters: Type.Record(Type.String(), Type.String(), {
    description: 'what is secret is hidden',
  }),
  permissions: Type.Array(
    Type.Object({
      permission: Type.String(),
      path: Type.String({ description: 'where it is asked for' }),
      reason: Type.Union([Type.String(), Type.Null()], { description: "the template's own" }),
      granted: Type.Boolean(),
    }),
  ),
  notes: Type.Array(Type.String(), {
    description: 'what runs otherwise than a reader of the file may think',
  }),
  deployable: Type.Boolean(),
});
export type Rendering = Static<typeof Rendering>;

export const renderApp = endpoint({
  method: 'post',
  path: '/v1/apps/render',
  summary: 'Show what a deployment would run, without deploying anything',
  status: 200,
  body: closed(appSource),
  reply: Rendering,
});
