import { DnsLabel, Id, type Static, Type } from './schema.ts';

/** An enrolled host, as itself. It may act for itself alone. */
export const HostCaller = Type.Object({
  kind: Type.Literal('host'),
  hostId: Id,
  networkId: Id,
  network: DnsLabel,
  host: DnsLabel,
});
export type HostCaller = Static<typeof HostCaller>;
