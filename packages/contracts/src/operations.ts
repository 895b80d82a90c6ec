import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, Id, oneOf, type Static, Timestamp, Type } from './schema.ts';

/** Long work that was asked for, and how far it is. */
export const Operation = Type.Object({
  id: Id,
  kind: oneOf(
    'deploy',
    'destroy',
    'start',
    'stop',
    'restart',
    'update',
    'rollback',
    'backup',
    'restore',
    'backup-delete',
    'backup-check',
  ),
  app: DnsLabel,
  state: oneOf('running', 'succeeded', 'failed'),
  step: Type.String({ description: 'what is being done, for people, e.g. "pulling redis:7"' }),
  pulls: Type.Array(
    Type.Object({
      image: Type.String(),
      doneBytes: Type.Integer({ minimum: 0 }),
      totalBytes: Type.Integer({ minimum: 0, description: '0 while not known' }),
    }),
  ),
  failure: Type.Union([
    Type.Object({ code: Type.String(), message: Type.String(), next: Type.String() }),
    Type.Null(),
  ]),
  createdAt: Timestamp,
  finishedAt: Type.Union([Timestamp, Type.Null()]),
});
export type Operation = Static<typeof Operation>;

const params = closed({ operation: Id });

export const getOperation = endpoint({
  method: 'get',
  path: '/v1/operations/:operation',
  summary: 'Show how far an operation is',
  status: 200,
  supervised: true,
  params,
  reply: Operation,
});

export const watchOperation = endpoint({
  method: 'get',
  path: '/v1/operations/:operation/events',
  summary: 'Follow an operation until it ends',
  status: 200,
  supervised: true,
  params,
  events: Operation,
});
