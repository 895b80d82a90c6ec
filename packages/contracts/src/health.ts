import { oneOf, type Static, Type } from './schema.ts';

/** What a service says of itself and of what it needs; no addresses, no secrets. */
export const Health = Type.Object({
  status: oneOf('ok', 'degraded'),
  parts: Type.Record(Type.String(), Type.String(), {
    description: 'ok, or in a few words what is wrong, by part: database, events, engine, …',
  }),
});
export type Health = Static<typeof Health>;

/** The whole installation, as `GET /health` of the gateway answers anybody. */
export const SystemHealth = Type.Object({
  status: oneOf('ok', 'degraded'),
  version: Type.String(),
  services: Type.Record(Type.String(), Health),
});
export type SystemHealth = Static<typeof SystemHealth>;
