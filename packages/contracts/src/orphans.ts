import { endpoint } from './endpoint.ts';
import { closed, type Static, Type } from './schema.ts';
import { Volume } from './volumes.ts';

/** Data that no app uses, and which has waited for one for long. */
export const Orphans = Type.Object({
  volumes: Type.Array(Volume),
  failures: Type.Array(Type.String(), {
    description: 'pools that could not be looked at: what is there is unknown',
  }),
});
export type Orphans = Static<typeof Orphans>;

const which = {
  olderThanDays: Type.Integer({
    minimum: 0,
    maximum: 36_500,
    default: 30,
    description: 'unused for so many days',
  }),
  all: Type.Boolean({ default: false, description: 'of every project; administrators only' }),
};

export const listOrphans = endpoint({
  method: 'get',
  path: '/v1/orphans',
  summary: 'List volumes that no app has used for long',
  status: 200,
  query: closed(which),
  reply: Orphans,
});

export const deleteOrphans = endpoint({
  method: 'post',
  path: '/v1/orphans/delete',
  summary:
    'Delete volumes that no app has used for long: in seven days, or at once with `purge`. What is used meanwhile stays',
  status: 200,
  body: closed({ ...which, purge: Type.Boolean({ default: false }) }),
  reply: Orphans,
});
