/** What a policy must be beyond its shape before it is taken. Pure. */
import type { Policy } from '@cep/contracts/policies';
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

/** What one host would have to take, if all rules were about it. */
function checkSize({ rules }: Policy): void {
  let single = 0;
  let ports = 0;
  for (const { from, allow } of rules) {
    single += from.length * allow.length;
    for (const { first, last } of allow.map((word) => readTraffic(word).ports)) {
      if (first > EVERY_PORT.first) ports += from.length * (last - first + 1);
    }
  }
  if (single > MOST_RULES) throw tooLarge(single, 'traffic', MOST_RULES);
  if (ports > MOST_PORTS) throw tooLarge(ports, 'port', MOST_PORTS);
}

const tooLarge = (count: number, what: string, most: number) =>
  refused(
    `body/rules come to ${count} pairs of caller and ${what}, and ${most} is the most: name groups in place of hosts, and fewer ports.`,
  );

const refused = (sentence: string) => new Problem('invalid-request', sentence);
