/** How others reach a host, and what it does for them. */
export interface Role {
  readonly lighthouse: boolean;
  readonly relay: boolean;
  readonly interface: boolean;
  readonly publicAddress: string | null;
  readonly port: number | null;
}
