/** The words of a policy, read. Their shape is the contract's; what shape cannot say is checked. */

/** Ports from `first` to `last`, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** `other` is what only `any` lets through. */
export const PROTOCOLS = ['icmp', 'tcp', 'udp', 'other'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What one word of `allow` lets through; what has no ports has every port. */
export interface Opening {
  readonly protocols: readonly Protocol[];
  readonly ports: Span;
}

/** A packet, as far as policies tell packets apart. */
export interface Packet {
  readonly protocol: Protocol;
  /** 0 for ICMP. */
  readonly port: number;
}

/** Nothing but this begins at 0. */
export const EVERY_PORT: Span = { first: 0, last: 65_535 };

/** @param word  matches the contract's `Traffic`, as in `tcp:8000-8010` */
export function readTraffic(word: string): Opening {
  const [name, first, last = first] = word.split(/[:-]/);
  const protocols = name === 'any' ? PROTOCOLS : PROTOCOLS.filter((each) => each === name);
  const ports = first === undefined ? EVERY_PORT : { first: Number(first), last: Number(last) };
  return { protocols, ports };
}

/** @param word  matches the contract's `Packet`, as in `tcp:443` */
export function readPacket(word: string): Packet {
  const { protocols, ports } = readTraffic(word);
  return { protocol: protocols[0] ?? 'icmp', port: ports.first };
}

export const lets = ({ protocols, ports }: Opening, { protocol, port }: Packet): boolean =>
  protocols.includes(protocol) && port >= ports.first && port <= ports.last;

/** Ordered and apart: what overlaps or touches is one. */
export function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous === undefined || span.first > previous.last + 1) merged.push(span);
    else merged.splice(-1, 1, { ...previous, last: Math.max(previous.last, span.last) });
  }
  return merged;
}
