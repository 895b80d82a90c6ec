import { endpoint } from './endpoint.ts';
import { closed, DnsLabel, oneOf, type Static, Timestamp, Type } from './schema.ts';

/** Data of an app. It outlives the app, unless it was asked to go with it. */
export const Volume = Type.Object({
  name: DnsLabel,
  pool: DnsLabel,
  app: Type.String({ description: 'the name of the app that it was made for' }),
  volume: Type.String({ description: "the template's name for it" }),
  state: oneOf('used', 'kept', 'leaving'),
  sizeBytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: 'what it takes on the disk; null: the engine does not say',
  }),
  path: Type.String({ description: 'on the machine of the engine' }),
  releasedAt: Type.Union([Timestamp, Type.Null()], {
    description: 'since when no app uses it; null: one does, or it is not known',
  }),
  leavesAt: Type.Union([Timestamp, Type.Null()], { description: 'when it is deleted for good' }),
  createdAt: Type.Union([Timestamp, Type.Null()]),
});
export type Volume = Static<typeof Volume>;

const params = closed({ pool: DnsLabel, volume: DnsLabel });

export const listVolumes = endpoint({
  method: 'get',
  path: '/v1/pools/:pool/volumes',
  summary: 'List the volumes of the project, those without an app among them',
  status: 200,
  params: closed({ pool: DnsLabel }),
  query: closed({
    sizes: Type.Boolean({ default: true, description: 'false: do not measure, which takes time' }),
  }),
  reply: Type.Object({ volumes: Type.Array(Volume) }),
});

export const getVolume = endpoint({
  method: 'get',
  path: '/v1/pools/:pool/volumes/:volume',
  summary: 'Show one volume and its size',
  status: 200,
  params,
  reply: Volume,
});

export const deleteVolume = endpoint({
  method: 'delete',
  path: '/v1/pools/:pool/volumes/:volume',
  summary: 'Delete a volume that no app uses: in seven days, or at once with `purge`',
  status: 200,
  params,
  query: closed({ purge: Type.Boolean({ default: false }) }),
  reply: Type.Object({ leavesAt: Timestamp }),
});

export const keepVolume = endpoint({
  method: 'post',
  path: '/v1/pools/:pool/volumes/:volume/keep',
  summary: 'Keep a volume that was to be deleted',
  status: 200,
  params,
  reply: Volume,
});
