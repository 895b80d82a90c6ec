/** The tests that a policy brings with it, and what has become of it since it was set. Pure. */
import type { Policy, PolicyTest } from '@cep/contracts/policies';
import { explainer } from './explain.ts';
import { findParty, type Member, splitSelector } from './members.ts';

interface Failure {
  /** The test's place in the list, from 0. */
  readonly at: number;
  readonly sentence: string;
}

/** The first test that does not pass, if there is one. */
export function findFailure(policy: Policy, hosts: readonly Member[]): Failure | undefined {
  for (const [at, test] of policy.tests.entries()) {
    const sentence = failureOf(policy, test, hosts);
    if (sentence !== undefined) return { at, sentence };
  }
  return undefined;
}

function failureOf(policy: Policy, test: PolicyTest, hosts: readonly Member[]): string | undefined {
  const [from, to] = [findParty(test.from, hosts), findParty(test.to, hosts)];
  if (!from || !to) return `there is no ${from ? test.to : test.from}.`;
  const wishes = [
    ...test.allow.map((packet) => ({ packet, allowed: true, must: 'must' })),
    ...test.deny.map((packet) => ({ packet, allowed: false, must: 'must not' })),
  ];
  const explain = explainer(policy, { from, to });
  for (const { packet, allowed, must } of wishes) {
    const verdict = explain(packet);
    if (verdict.allowed === allowed) continue;
    return `${test.from} ${must} reach ${test.to} with ${packet}. ${verdict.reason}`;
  }
  return undefined;
}

/** What is allowed and is hardly meant: sentences for people. */
export function warningsOf(policy: Policy, hosts: readonly Member[]): string[] {
  const named = new Set(policy.rules.flatMap(({ from, to }) => [...from, ...to]));
  const groups = new Set(hosts.flatMap((host) => host.groups));
  const warnings: string[] = [];
  for (const selector of named) {
    const { kind, name } = splitSelector(selector);
    if (kind === 'group' && !groups.has(name)) warnings.push(`No host is in the group "${name}".`);
    if (kind === 'host' && !findParty(selector, hosts)) {
      warnings.push(`There is no host "${name}" any more.`);
    }
  }
  const failure = findFailure(policy, hosts);
  return failure ? [...warnings, `Test ${failure.at + 1} fails: ${failure.sentence}`] : warnings;
}
