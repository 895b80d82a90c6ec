/** What the rules of a policy say of one packet, and why. Pure. */
import type { Policy, PolicyRule } from '@cep/contracts/policies';
import { type Member, selectorsOf } from './members.ts';
import { lets, readPacket, readTraffic } from './traffic.ts';

export interface Pair {
  readonly from: Member;
  readonly to: Member;
}

export interface Verdict {
  readonly allowed: boolean;
  /** Its place in the list, from 0, of the first rule that allows it. */
  readonly at: number | null;
  /** A sentence for people. */
  readonly reason: string;
}

/**
 * @returns what gives the verdict about a packet, as in `tcp:443`: that of the nebulas of both with
 *   the rules that are compiled for them
 */
export function explainer(policy: Policy | null, pair: Pair): (packet: string) => Verdict {
  const { from, to } = pair;
  if (policy === null) {
    const reason = 'The network has no policy: every member may reach every other.';
    return () => ({ allowed: true, at: null, reason });
  }
  if (from.name !== '' && from.name === to.name) {
    const reason = 'It is the same host, which always reaches itself.';
    return () => ({ allowed: true, at: null, reason });
  }
  const { rules } = policy;
  const [isFrom, isTo] = [means(from), means(to)];
  const forPair = [...rules.entries()]
    .filter(([, rule]) => isTo(rule.to) && isFrom(rule.from))
    .map(([at, { allow }]) => ({ at, openings: allow.map(readTraffic) }));
  return (packet) => {
    const wanted = readPacket(packet);
    const rule = forPair.find(({ openings }) => openings.some((each) => lets(each, wanted)));
    if (rule) {
      return { allowed: true, at: rule.at, reason: `Rule ${title(rules, rule.at)} allows it.` };
    }
    const near = nearMiss(rules, pair, packet);
    return { allowed: false, at: null, reason: `No rule allows it${near}.` };
  };
}

/** Whether one of several selectors means the member. */
function means(member: Member): (selectors: readonly string[]) => boolean {
  const own = new Set(selectorsOf(member));
  return (selectors) => selectors.some((selector) => own.has(selector));
}

/** The rule that is one word short of allowing it, if there is one. */
function nearMiss(rules: readonly PolicyRule[], { from, to }: Pair, packet: string): string {
  const wanted = readPacket(packet);
  const [isFrom, isTo] = [means(from), means(to)];
  const isThrough = (allow: readonly string[]) =>
    allow.some((word) => lets(readTraffic(word), wanted));
  const near = [
    {
      matches: (rule: PolicyRule) => isTo(rule.to) && isFrom(rule.from),
      short: ({ allow }: PolicyRule) => `is for these two, but only for ${some(allow)}`,
    },
    {
      matches: (rule: PolicyRule) => isTo(rule.to) && isThrough(rule.allow),
      short: (rule: PolicyRule) => `lets only ${some(rule.from)} do so`,
    },
    {
      matches: (rule: PolicyRule) => isFrom(rule.from) && isThrough(rule.allow),
      short: (rule: PolicyRule) => `allows it only to ${some(rule.to)}`,
    },
  ];
  for (const { matches, short } of near) {
    const at = rules.findIndex(matches);
    const rule = rules[at];
    if (rule) return `: rule ${title(rules, at)} ${short(rule)}`;
  }
  return '';
}

/** `2 "printing"`: counted from 1, as people do. */
function title(rules: readonly PolicyRule[], at: number): string {
  const name = rules[at]?.name;
  return name === undefined ? `${at + 1}` : `${at + 1} "${name}"`;
}

const SHOWN = 5;

const some = (words: readonly string[]): string =>
  words.length <= SHOWN ? words.join(', ') : `${words.slice(0, SHOWN).join(', ')} and others`;
