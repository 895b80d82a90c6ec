import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, oneOf, type Static, Timestamp, Type } from './schema.ts';

const params = closed({ app: DnsLabel });

export const LogLine = Type.Object({
  service: DnsLabel,
  stream: oneOf('stdout', 'stderr'),
  at: Timestamp,
  text: Type.String(),
});
export type LogLine = Static<typeof LogLine>;

export const readLogs = endpoint({
  method: 'get',
  path: '/v1/apps/:app/logs',
  summary: 'Read, and follow, what the services of an app print',
  status: 200,
  supervised: true,
  params,
  query: closed({
    follow: Type.Boolean({ default: false }),
    tail: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 200,
      description: 'so many of the last lines of each service',
    }),
    since: Type.Optional(Timestamp),
    service: Type.Optional(DnsLabel),
  }),
  events: LogLine,
});
