import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, oneOf, type Static, Timestamp, Type } from './schema.ts';

/** Where volumes lie: each engine has one by itself, and an administrator gives it folders as others. */
export const Pool = Type.Object({
  name: DnsLabel,
  engine: DnsLabel,
  driver: Type.String({ description: "the engine's, e.g. local" }),
  path: Type.Union([Type.String(), Type.Null()], {
    description: 'on the machine of the engine; null while that is not reached',
  }),
  isOwn: Type.Boolean({ description: 'whether it is where the engine keeps volumes by itself' }),
  state: oneOf('ready', 'unusable', 'unknown'),
  why: Type.Union([Type.String(), Type.Null()], {
    description: 'why it is not ready; unknown: its engine is not reached',
  }),
  createdAt: Timestamp,
});
export type Pool = Static<typeof Pool>;

const Bytes = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: `${description}; null: not known now`,
  });

export const PoolDetails = Type.Object({
  ...Pool.properties,
  totalBytes: Bytes('the size of the file system that it is on'),
  freeBytes: Bytes('what is free there'),
  volumes: Type.Array(
    Type.Object({ name: Type.String(), app: Type.String(), sizeBytes: Bytes('on the disk') }),
    { description: 'those of the project' },
  ),
  usedBytes: Bytes('by the volumes of the project'),
});
export type PoolDetails = Static<typeof PoolDetails>;

/** Where volumes go that are new, by the template's names of them; `*` is those that are not named. */
export const Pools = Type.Record(
  Type.String({ pattern: '^(\\*|[A-Za-z0-9][A-Za-z0-9_.-]{0,63})$' }),
  DnsLabel,
  {
    maxProperties: 64,
    additionalProperties: false,
    description: 'pools by volume; * is the others',
  },
);

const params = closed({ pool: DnsLabel });

export const listPools = endpoint({
  method: 'get',
  path: '/v1/pools',
  summary: 'List where volumes are kept',
  status: 200,
  reply: Type.Object({ pools: Type.Array(Pool) }),
});

export const getPool = endpoint({
  method: 'get',
  path: '/v1/pools/:pool',
  summary: 'Show one pool, measured: its file system, and the volumes of the project in it',
  status: 200,
  params,
  reply: PoolDetails,
});

export const putPool = endpoint({
  method: 'put',
  path: '/v1/pools/:pool',
  summary:
    'Make an empty or new folder of an engine’s machine a pool; the same again repairs it; administrators only',
  status: 200,
  params,
  body: closed({
    path: Type.String({ minLength: 1, maxLength: 300, description: 'absolute, e.g. /srv/fast' }),
    engine: Type.Optional(DnsLabel),
  }),
  reply: Pool,
});

export const deletePool = endpoint({
  method: 'delete',
  path: '/v1/pools/:pool',
  summary: 'Delete a pool that has no volumes; its folder stays; administrators only',
  status: 204,
  params,
});
