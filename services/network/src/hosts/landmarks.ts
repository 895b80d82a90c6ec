import { readsVersion2 } from '@cep/nebula/versions';

/** A lighthouse, which the others ask for each other's addresses, or a relay, or both. */
export interface Landmark {
  readonly name: string;
  /** On the overlay. */
  readonly address: string;
  readonly lighthouse: boolean;
  readonly relay: boolean;
  /** Every lighthouse has one, and a port. */
  readonly publicAddress: string | null;
  readonly port: number | null;
  /** As its machine said last. */
  readonly nebulaVersion: string | null;
}

/** Whether others may know it by an IPv6 address: with one that it does not have they would lose it. */
export const mayHaveIpv6 = ({ nebulaVersion }: Landmark): boolean =>
  nebulaVersion === null || readsVersion2(nebulaVersion);

/** Where it is found without asking anybody: `203.0.113.7:4242`, `[2001:db8::7]:4242`, or nowhere. */
export function endpointsOf({ publicAddress, port }: Landmark): string[] {
  if (publicAddress === null || port === null) return [];
  return [publicAddress.includes(':') ? `[${publicAddress}]:${port}` : `${publicAddress}:${port}`];
}
