import type { Combination } from '@cep/nebula/lint';
import { rangesOf } from './ranges.ts';
import type { NetworkRow } from './store.ts';

/** Of a network what matters to nebula. */
export const settingsOf = (network: Omit<NetworkRow, 'id' | 'name'>): Combination['network'] => ({
  certificateVersion: network.certificateVersion,
  curve: network.curve,
  ranges: rangesOf(network),
});
