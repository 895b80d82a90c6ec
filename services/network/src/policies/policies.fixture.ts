/** Policies, hosts and packets at random, few enough words that they often meet. */
import type { Policy, PolicyRule } from '@cep/contracts/policies';
import fc from 'fast-check';
import type { Member } from './members.ts';

const GROUPS = ['admin', 'family', 'guests', 'servers'];

/** @param groups  of each host in turn */
export const hostsOf = (...groups: readonly (readonly string[])[]) =>
  groups.map((each, index) => ({ name: `host-${index}`, groups: each }));

export const someHosts = fc
  .array(fc.subarray(GROUPS), { minLength: 2, maxLength: 5 })
  .map((groups) => hostsOf(...groups));

/** Those that packets and rules are about. */
export const PORTS = [79, 80, 81, 82, 83, 84];

const port = fc.constantFrom(...PORTS);
const span = fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
const ported = fc.tuple(fc.constantFrom('tcp', 'udp'), fc.oneof(port.map(String), span));

const traffic = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('any', 'tcp', 'udp') },
  { weight: 1, arbitrary: fc.constant('icmp') },
  { weight: 4, arbitrary: ported.map(([protocol, ports]) => `${protocol}:${ports}`) },
);

export const somePacket = fc.oneof(
  { weight: 1, arbitrary: fc.constant('icmp') },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('tcp', 'udp'), port).map((words) => words.join(':')),
  },
);

export function someRule(hosts: readonly Member[]): fc.Arbitrary<PolicyRule> {
  const selector = fc.oneof(
    { weight: 1, arbitrary: fc.constant('any') },
    { weight: 4, arbitrary: fc.constantFrom(...GROUPS).map((group) => `group:${group}`) },
    { weight: 3, arbitrary: fc.constantFrom(...hosts).map(({ name }) => `host:${name}`) },
  );
  const some = (word: fc.Arbitrary<string>) => fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
  return fc.record({ from: some(selector), to: some(selector), allow: some(traffic) });
}

export const somePolicy = (hosts: readonly Member[]): fc.Arbitrary<Policy> =>
  fc
    .array(someRule(hosts), { maxLength: 6 })
    .map((rules) => ({ rules, tests: [] satisfies Policy['tests'] }));
