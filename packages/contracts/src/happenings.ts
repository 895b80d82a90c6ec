import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, type Static, Timestamp, Type } from './schema.ts';

export const Happening = Type.Object({
  app: DnsLabel,
  service: DnsLabel,
  what: Type.String({
    description: "the engine's word, e.g. start, die, oom, health_status: healthy",
  }),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  at: Timestamp,
});
export type Happening = Static<typeof Happening>;

export const watchHappenings = endpoint({
  method: 'get',
  path: '/v1/app-events',
  summary: 'Read, and follow, what happens to the containers of the project',
  status: 200,
  query: closed({
    follow: Type.Boolean({ default: false }),
    since: Type.Optional(Timestamp),
    app: Type.Optional(DnsLabel),
  }),
  events: Happening,
});
