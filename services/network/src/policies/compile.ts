/**
 * From what people wrote to the rules of each host's nebula: whom it lets in, and whom it calls. Pure.
 *
 * Rules are in a normal form, so that two policies that mean the same for a host give it the same
 * rules: each is for one peer (nebula reads several as alternatives), ports are merged, nothing is
 * said for one peer that holds for everyone, and the order is that of peers and ports. Rules without
 * a protocol have no port, for nebula versions disagree about the port of ICMP.
 */
import type { Bundle, Peer } from '@cep/contracts/bundle';
import type { Policy } from '@cep/contracts/policies';
import { type Member, selectorsOf, splitSelector } from './members.ts';
import { EVERY_PORT, merge, type Protocol, readTraffic, type Span } from './traffic.ts';

/** What is allowed between a host and one peer; the port is that of whoever of the two is called. */
export interface AllowRule extends Pick<Bundle['inbound'][number], 'port' | 'protocol'> {
  readonly peer: Peer;
}

/** Who may call a host, and whom it may call. Both ends of a call enforce what is said of it. */
export interface HostRules {
  readonly inbound: readonly AllowRule[];
  readonly outbound: readonly AllowRule[];
}

/** What a network without a policy has: every member may reach every other. */
const OPEN: readonly AllowRule[] = [{ port: 'any', protocol: 'any', peer: { any: true } }];

/** All that is allowed with one peer, by what it says: what says the same is the same object. */
type Shared = Map<string, readonly AllowRule[]>;

/** @returns what compiles for one host at a time, fastest for many of one policy */
export function compiler(policy: Policy | null): (host: Member) => HostRules {
  const compile = partsCompiler(policy, new Map());
  return (host) => {
    const { inbound, outbound } = compile(host);
    return { inbound: inbound.flat(), outbound: outbound.flat() };
  };
}

/** Of these hosts the ones that have other rules under `after` than under `before`. */
export function affectedHosts<H extends Member>(
  before: Policy | null,
  after: Policy | null,
  hosts: readonly H[],
): H[] {
  const shared: Shared = new Map([[JSON.stringify(OPEN), OPEN]]);
  const [then, now] = [partsCompiler(before, shared), partsCompiler(after, shared)];
  return hosts.filter((host) => {
    const [old, fresh] = [then(host), now(host)];
    return differ(old.inbound, fresh.inbound) || differ(old.outbound, fresh.outbound);
  });
}

/** The rules of one direction, peer by peer. */
type Parts = readonly (readonly AllowRule[])[];

const differ = (some: Parts, others: Parts): boolean =>
  some.length !== others.length || some.some((part, at) => part !== others[at]);

function partsCompiler(
  policy: Policy | null,
  shared: Shared,
): (host: Member) => Readonly<Record<keyof HostRules, Parts>> {
  if (policy === null) return () => ({ inbound: [OPEN], outbound: [OPEN] });
  const rulesOf = peerCompiler(policy, shared);
  const inbound = sideCompiler(policy, rulesOf, { own: 'to', peers: 'from' });
  const outbound = sideCompiler(policy, rulesOf, { own: 'from', peers: 'to' });
  return (host) => ({ inbound: inbound(host), outbound: outbound(host) });
}

/** The two sides of a policy's rules: the one that a host is on, and the one of its peers. */
interface Sides {
  readonly own: 'from' | 'to';
  readonly peers: 'from' | 'to';
}

function sideCompiler(
  { rules }: Policy,
  rulesOf: ReturnType<typeof peerCompiler>,
  { own, peers }: Sides,
): (host: Member) => Parts {
  const places = new Map<string, number[]>();
  for (const [at, rule] of rules.entries()) for (const each of rule[own]) append(places, each, at);
  return (host) => {
    const aboutHost = new Set(selectorsOf(host).flatMap((selector) => places.get(selector) ?? []));
    const found = new Map<string, number[]>();
    for (const place of [...aboutHost].toSorted((a, b) => a - b)) {
      for (const peer of rules[place]?.[peers] ?? []) append(found, peer, place);
    }
    const everyone = found.get('any') ?? [];
    return [...found.keys()]
      .toSorted()
      .map((peer) => rulesOf(peer, found.get(peer) ?? [], everyone))
      .filter((part) => part.length > 0);
  };
}

function append(lists: Map<string, number[]>, key: string, place: number): void {
  const list = lists.get(key);
  if (list) list.push(place);
  else lists.set(key, [place]);
}

/** What is allowed with one peer. */
type Access = Readonly<Record<Protocol, Span[]>>;

/**
 * @returns what compiles the rules at some places for one peer, given the places that are for
 *   everyone; most hosts that share a peer have them in common, so results are kept
 */
function peerCompiler({ rules }: Policy, shared: Shared) {
  const openings = rules.map(({ allow }) => allow.map(readTraffic));
  const accessAt = (places: readonly number[]): Access => {
    const opened = places.flatMap((place) => openings[place] ?? []);
    return each((protocol) =>
      merge(opened.filter((each) => each.protocols.includes(protocol)).map(({ ports }) => ports)),
    );
  };
  const known = new Map<string, readonly AllowRule[]>();
  return (peer: string, places: readonly number[], everyone: readonly number[]) => {
    const key = `${peer} ${places.join()} ${everyone.join()}`;
    const kept = known.get(key);
    if (kept) return kept;
    const access = accessAt(places);
    const common = accessAt(peer === 'any' ? [] : everyone);
    const own = each((protocol) => without(access[protocol], common[protocol]));
    const compiled = rulesFor(peerOf(peer), own);
    const text = JSON.stringify(compiled);
    const result = shared.get(text) ?? compiled;
    shared.set(text, result);
    known.set(key, result);
    return result;
  };
}

const each = (spans: (protocol: Protocol) => Span[]): Access => ({
  icmp: spans('icmp'),
  tcp: spans('tcp'),
  udp: spans('udp'),
  other: spans('other'),
});

/** The spans that lie in none of the others; one that does so in part stays whole. */
const without = (spans: readonly Span[], others: readonly Span[]): Span[] =>
  spans.filter(
    ({ first, last }) => !others.some((other) => other.first <= first && other.last >= last),
  );

function rulesFor(peer: Peer, { icmp, tcp, udp, other }: Access): AllowRule[] {
  if (other.length > 0) return [{ port: 'any', protocol: 'any', peer }];
  return [
    ...portsOf(icmp).map((port) => ({ port, protocol: 'icmp' as const, peer })),
    ...portsOf(tcp).map((port) => ({ port, protocol: 'tcp' as const, peer })),
    ...portsOf(udp).map((port) => ({ port, protocol: 'udp' as const, peer })),
  ];
}

/**
 * Only the first part of a packet that was split shows its port. The others are let through beside
 * it: without a first part the host's system has no use for them.
 */
function portsOf(spans: readonly Span[]): string[] {
  if (spans.length === 0) return [];
  if (spans[0]?.first === EVERY_PORT.first) return ['any'];
  return [
    ...spans.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)),
    'fragment',
  ];
}

function peerOf(selector: string): Peer {
  const { kind, name } = splitSelector(selector);
  if (kind === 'any') return { any: true };
  return kind === 'host' ? { host: name } : { group: name };
}
