/** Split DNS with systemd-resolved (`resolvectl(1)`): only what a network is about goes to its server. */
import { networkDomains } from '@cep/dns/network-names';

export interface Link {
  /** Nebula's interface. systemd-resolved forgets all of this when it goes. */
  readonly device: string;
  readonly network: { readonly name: string; readonly ranges: readonly string[] };
  /** Of this host on the network: a server on the interface is reached through that interface. */
  readonly addresses: readonly string[];
}

/** The arguments of `resolvectl`, one list for each time that it is run. Pure. */
export const splitCommands = ({ device, network, addresses }: Link): string[][] => [
  ['dns', device, ...addresses],
  // With "~" a domain says which questions go there, and completes no shorter names.
  ['domain', device, ...networkDomains(network).map((domain) => `~${domain}`)],
  ['default-route', device, 'no'],
  ['llmnr', device, 'no'],
  ['mdns', device, 'no'],
  // Our zones are not signed, and packets to ourselves need no encryption.
  ['dnssec', device, 'no'],
  ['dnsovertls', device, 'no'],
];

export const revertCommand = ({ device }: Pick<Link, 'device'>): string[] => ['revert', device];
