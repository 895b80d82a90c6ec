import { params, Reason } from './apps.ts';
import { endpoint } from './endpoint.ts';
import { oneOf, type Static, Timestamp, Type } from './schema.ts';

/** A program that a generation runs once, see x-cep/hooks. */
export const HookRun = Type.Object({
  phase: oneOf('postInstall', 'preUpdate', 'postUpdate', 'preDestroy'),
  state: oneOf('begun', 'succeeded', 'failed', 'skipped'),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  output: Type.String({ description: 'the end of what it printed, without secrets' }),
  at: Timestamp,
});
export type HookRun = Static<typeof HookRun>;

export const Generation = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  cause: oneOf('deploy', 'update', 'rollback', 'restore'),
  version: Type.String(),
  state: oneOf('pending', 'good', 'failed', 'cancelled'),
  isCurrent: Type.Boolean(),
  images: Type.Array(Type.String()),
  hooks: Type.Array(HookRun),
  reason: Type.Union([Reason, Type.Null()]),
  createdAt: Timestamp,
});
export type Generation = Static<typeof Generation>;

export const listGenerations = endpoint({
  method: 'get',
  path: '/v1/apps/:app/generations',
  summary: 'List what an app was made of, newest first',
  status: 200,
  supervised: true,
  params,
  reply: Type.Object({ generations: Type.Array(Generation) }),
});
