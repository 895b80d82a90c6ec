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
}

/** Where it is found without asking anybody: `203.0.113.7:4242`, `[2001:db8::7]:4242`, or nowhere. */
export function endpointsOf({ publicAddress, port }: Landmark): string[] {
  if (publicAddress === null || port === null) return [];
  return [publicAddress.includes(':') ? `[${publicAddress}]:${port}` : `${publicAddress}:${port}`];
}
