/** What a policy must be beyond its shape before it is taken. Pure. */
import type { Policy, PolicyRule } from '@cep/contracts/policies';
import { Problem } from '@cep/contracts/problems';
import { findParty, type Member, splitSelector } from './members.ts';
import { EVERY_PORT, readTraffic } from './traffic.ts';
import { findFailure } from './trials.ts';

/** Nebula keeps an entry for each port of a range: a thousand of them are half a megabyte. */
const WIDEST_RANGE = 1_000;

/** Measured with nebula 1.6, 1.9 and 1.11: these many rules take 2 s to load, twice as many 6 s. */
const MOST_RULES = 5_000;

/** Measured likewise: these many entries for ports are 35 to 70 MB. */
const MOST_PORTS = 65_535;

interface Network {
  readonly name: string;
  readonly hosts: readonly Member[];
}

/**
 * @throws {Problem} `invalid-request` naming the member that is wrong; `policy-test-failed` naming the
 *   first test that fails, and why
 */
export function checkPolicy(policy: Policy, network: Network): void {
  for (const [at, { from, to, allow }] of policy.rules.entries()) {
    const rule = `body/rules/${at}`;
    for (const [place, word] of from.entries()) checkName(`${rule}/from/${place}`, word, network);
    for (const [place, word] of to.entries()) checkName(`${rule}/to/${place}`, word, network);
    for (const [place, word] of allow.entries()) checkPorts(`${rule}/allow/${place}`, word);
  }
  for (const [at, { from, to, allow, deny }] of policy.tests.entries()) {
    const test = `body/tests/${at}`;
    checkName(`${test}/from`, from, network);
    checkName(`${test}/to`, to, network);
    for (const word of [...allow, ...deny]) checkPorts(test, word);
  }
  checkSize(policy);
  const failure = findFailure(policy, network.hosts);
  if (failure === undefined) return;
  const { at, sentence } = failure;
  const members = { test: at + 1 };
  throw new Problem('policy-test-failed', `Test ${at + 1} fails: ${sentence}`, { members });
}

/** A host that there is not is a slip of the pen; a group may be named before a host is in it. */
function checkName(member: string, selector: string, { name, hosts }: Network): void {
  const { kind, name: named } = splitSelector(selector);
  if (kind === 'host' && findParty(selector, hosts) === undefined) {
    throw refused(`${member}: there is no host "${named}" on the network "${name}".`);
  }
  if (kind === 'group' && named === 'any') {
    throw refused(`${member}: no group can be called "any". To mean everyone, write "any" alone.`);
  }
}

function checkPorts(member: string, word: string): void {
  const { first, last } = readTraffic(word).ports;
  if (last > EVERY_PORT.last) throw refused(`${member}: "${word}" is beyond port 65535, the last.`);
  if (first > last) throw refused(`${member}: "${word}" ends before it begins.`);
  if (first > EVERY_PORT.first && last - first >= WIDEST_RANGE) {
    const all = word.slice(0, word.indexOf(':'));
    throw refused(
      `${member}: "${word}" is more than ${WIDEST_RANGE} ports. Write "${all}" for all of them.`,
    );
  }
}

function checkSize({ rules }: Policy): void {
  const pairs = mostOfOneHost(rules, ({ allow }) => allow.length);
  if (pairs > MOST_RULES) throw tooLarge(pairs, 'traffic', MOST_RULES);
  const ports = mostOfOneHost(rules, ({ allow }) => sum(allow.map(countPorts)));
  if (ports > MOST_PORTS) throw tooLarge(ports, 'port', MOST_PORTS);
}

/** What one host would have to take for both directions, were it in every group. */
function mostOfOneHost(
  rules: readonly PolicyRule[],
  countAllowed: (rule: PolicyRule) => number,
): number {
  let ofEveryHost = 0;
  const ofHosts = new Map<string, number>();
  const add = (own: readonly string[], count: number) => {
    if (own.some((selector) => splitSelector(selector).kind !== 'host')) ofEveryHost += count;
    else for (const host of own) ofHosts.set(host, (ofHosts.get(host) ?? 0) + count);
  };
  for (const rule of rules) {
    add(rule.to, rule.from.length * countAllowed(rule));
    add(rule.from, rule.to.length * countAllowed(rule));
  }
  return ofEveryHost + [...ofHosts.values()].reduce((a, b) => Math.max(a, b), 0);
}

/** The entries that a word of `allow` is for nebula; what is for all ports is none of its own. */
function countPorts(word: string): number {
  const { first, last } = readTraffic(word).ports;
  return first > EVERY_PORT.first ? last - first + 1 : 0;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const tooLarge = (count: number, what: string, most: number) =>
  refused(
    `body/rules come to ${count} pairs of peer and ${what} for one host, and ${most} is the most: name groups in place of hosts, and fewer ports.`,
  );

const refused = (sentence: string) => new Problem('invalid-request', sentence);
