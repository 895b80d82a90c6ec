/**
 * From what people wrote to the inbound rules of each host's nebula. Pure.
 *
 * Rules are in a normal form, so that two policies that mean the same for a host give it the same
 * rules: each is for one caller (nebula reads several as alternatives), ports are merged, nothing
 * is said for one caller that everyone may do, and the order is that of callers and ports. Rules
 * without a protocol have no port, for nebula versions disagree about the port of ICMP.
 */
import type { FirewallRule } from '@cep/contracts/bundle';
import type { Policy } from '@cep/contracts/policies';
import { type Member, selectorsOf, splitSelector } from './members.ts';
import { EVERY_PORT, merge, type Protocol, readTraffic, type Span } from './traffic.ts';

/** What a network without a policy has: every member may reach every other. */
const OPEN: readonly FirewallRule[] = [{ port: 'any', protocol: 'any', from: { any: true } }];

/** Rules by what they say: those that say the same are the same objects. */
type Shared = Map<string, readonly FirewallRule[]>;

/** @returns what compiles for one host at a time, fastest for many of one policy */
export function compiler(
  policy: Policy | null,
  shared: Shared = new Map(),
): (host: Member) => readonly FirewallRule[] {
  if (policy === null) return () => OPEN;
  const rulesOf = callerCompiler(policy, shared);
  const places = placesByTarget(policy);
  return (host) => {
    const aboutHost = new Set(selectorsOf(host).flatMap((selector) => places.get(selector) ?? []));
    const callers = new Map<string, number[]>();
    for (const place of [...aboutHost].toSorted((a, b) => a - b)) {
      for (const caller of policy.rules[place]?.from ?? []) append(callers, caller, place);
    }
    const everyone = callers.get('any') ?? [];
    return [...callers.keys()]
      .toSorted()
      .flatMap((caller) => rulesOf(caller, callers.get(caller) ?? [], everyone));
  };
}

/** Of these hosts the ones that have other rules under `after` than under `before`. */
export function affectedHosts<H extends Member>(
  before: Policy | null,
  after: Policy | null,
  hosts: readonly H[],
): H[] {
  const shared: Shared = new Map([[JSON.stringify(OPEN), OPEN]]);
  const [then, now] = [compiler(before, shared), compiler(after, shared)];
  return hosts.filter((host) => {
    const [old, fresh] = [then(host), now(host)];
    return old.length !== fresh.length || old.some((rule, at) => rule !== fresh[at]);
  });
}

/** Where in the list the rules are that name each target. */
function placesByTarget({ rules }: Policy): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, { to }] of rules.entries()) for (const target of to) append(places, target, at);
  return places;
}

function append(lists: Map<string, number[]>, key: string, place: number): void {
  const list = lists.get(key);
  if (list) list.push(place);
  else lists.set(key, [place]);
}

/** What one caller may do. */
type Access = Readonly<Record<Protocol, Span[]>>;

/**
 * @returns what compiles the rules at some places for one caller, given the places that are for
 *   everyone; most hosts that a caller may reach have them in common, so results are kept
 */
function callerCompiler({ rules }: Policy, shared: Shared) {
  const openings = rules.map(({ allow }) => allow.map(readTraffic));
  const accessAt = (places: readonly number[]): Access => {
    const opened = places.flatMap((place) => openings[place] ?? []);
    return each((protocol) =>
      merge(opened.filter((each) => each.protocols.includes(protocol)).map(({ ports }) => ports)),
    );
  };
  const known = new Map<string, readonly FirewallRule[]>();
  return (caller: string, places: readonly number[], everyone: readonly number[]) => {
    const key = `${caller} ${places.join()} ${everyone.join()}`;
    const kept = known.get(key);
    if (kept) return kept;
    const access = accessAt(places);
    const common = accessAt(caller === 'any' ? [] : everyone);
    const own = each((protocol) => without(access[protocol], common[protocol]));
    const compiled = rulesFor(fromOf(caller), own);
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

function rulesFor(from: FirewallRule['from'], { icmp, tcp, udp, other }: Access): FirewallRule[] {
  if (other.length > 0) return [{ port: 'any', protocol: 'any', from }];
  return [
    ...portsOf(icmp).map((port) => ({ port, protocol: 'icmp' as const, from })),
    ...portsOf(tcp).map((port) => ({ port, protocol: 'tcp' as const, from })),
    ...portsOf(udp).map((port) => ({ port, protocol: 'udp' as const, from })),
  ];
}

/**
 * Only the first part of a packet that was split shows its port. The others are let in beside it:
 * without a first part the host's system has no use for them.
 */
function portsOf(spans: readonly Span[]): string[] {
  if (spans.length === 0) return [];
  if (spans[0]?.first === EVERY_PORT.first) return ['any'];
  return [
    ...spans.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)),
    'fragment',
  ];
}

function fromOf(caller: string): FirewallRule['from'] {
  const { kind, name } = splitSelector(caller);
  if (kind === 'any') return { any: true };
  return kind === 'host' ? { host: name } : { group: name };
}
