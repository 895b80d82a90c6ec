import type { Input } from '@cep/contracts/endpoint';
import type { explainPolicy } from '@cep/contracts/policies';
import { wrongUsage } from './failure.ts';

interface Words {
  /** `laptop`, `host:laptop` or `group:family`. */
  readonly from: string;
  /** Likewise, with a port at its end. */
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
}

/** @throws {CLIError} when a port is missing, or there is one for ICMP */
export function readQuestion({ from, to, protocol }: Words): Input<typeof explainPolicy>['body'] {
  const [, target = to, port] = /^(.*):(\d+)$/.exec(to) ?? [];
  const isIcmp = protocol === 'icmp';
  if (isIcmp && port !== undefined) throw wrongUsage(`ICMP has no ports: write ${target} alone.`);
  if (!isIcmp && port === undefined) {
    throw wrongUsage(`Give the port, as in ${to}:443, or --protocol icmp.`);
  }
  const packet = isIcmp ? protocol : `${protocol}:${port}`;
  return { from: toParty(from), to: toParty(target), packet };
}

const toParty = (name: string) => (name.includes(':') ? name : `host:${name}`);
