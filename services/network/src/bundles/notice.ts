/** What replicas tell each other through the database: `NETWORK-ID HOST-ID HOST-ID …`. Pure. */
export interface BundleNotice {
  readonly networkId: string;
  /** Empty: all of the network's. */
  readonly hostIds: readonly string[];
}

export const formatNotice = ({ networkId, hostIds }: BundleNotice): string =>
  [networkId, ...hostIds].join(' ');

export function parseNotice(text: string): BundleNotice {
  const [networkId = '', ...hostIds] = text.split(' ');
  return { networkId, hostIds };
}
