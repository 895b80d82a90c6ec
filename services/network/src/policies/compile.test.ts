import { checker } from '@cep/contracts/check';
import { Policy } from '@cep/contracts/policies';
import { toNebulaRule } from '@cep/nebula/firewall';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AllowRule, affectedHosts, compiler } from './compile.ts';
import { explainer } from './explain.ts';
import { lets } from './model.fixture.ts';
import { hostsOf, someHosts, somePacket, somePolicy } from './policies.fixture.ts';
import { readPacket } from './traffic.ts';

const nas = { name: 'nas', groups: ['servers'] };
const rules = (...lines: string[]): Policy => ({
  rules: lines.map((line) => {
    const [from = '', to = '', allow = ''] = line.split(' ').map((words) => words.trim());
    return { from: from.split(','), to: to.split(','), allow: allow.split(',') };
  }),
  tests: [],
});
const words = (compiled: readonly AllowRule[]) =>
  compiled.map(({ protocol, port, peer }) => `${Object.values(peer).join()} ${protocol}:${port}`);
const written = (policy: Policy | null) => {
  const { inbound, outbound } = compiler(policy)(nas);
  return { inbound: words(inbound), outbound: words(outbound) };
};
/** The other way about. */
const mirrored = (policy: Policy): Policy => ({
  ...policy,
  rules: policy.rules.map(({ from, to, allow }) => ({ from: to, to: from, allow })),
});

describe('compiler', () => {
  test.each([
    { lines: [], gives: [], because: 'what no rule allows is denied' },
    { lines: ['any host:laptop any'], gives: [], because: 'a rule for another host is not its' },
    { lines: ['any any any'], gives: ['true any:any'] },
    { lines: ['group:a group:servers icmp'], gives: ['a icmp:any'] },
    {
      lines: ['host:pc host:nas tcp:443'],
      gives: ['pc tcp:443', 'pc tcp:fragment'],
      because: 'later parts of a packet show no port',
    },
    {
      lines: ['group:a,host:pc any tcp'],
      gives: ['a tcp:any', 'pc tcp:any'],
      because: 'nebula has one peer in a rule',
    },
    {
      lines: ['group:a any tcp:80-82,tcp:83', 'group:a any tcp:81-90'],
      gives: ['a tcp:80-90', 'a tcp:fragment'],
      because: 'ports that overlap or touch are one range',
    },
    {
      lines: ['any any tcp:80-90', 'group:a any tcp:85,tcp:95'],
      gives: ['true tcp:80-90', 'true tcp:fragment', 'a tcp:95', 'a tcp:fragment'],
      because: 'what everyone may do is said once',
    },
    {
      lines: ['group:a any icmp,tcp,udp'],
      gives: ['a icmp:any', 'a tcp:any', 'a udp:any'],
      because: 'there are other protocols',
    },
    { lines: ['group:a any tcp:80,any'], gives: ['a any:any'] },
  ])('$lines let in $gives, and mirrored let them out', ({ lines, gives }) => {
    const policy = rules(...lines);
    expect(written(policy).inbound).toEqual(gives);
    expect(written(mirrored(policy)).outbound).toEqual(gives);
  });

  test('a rule is for both ends, each of which knows the other by its own word', () => {
    expect(
      written(rules('group:servers host:web tcp:80', 'host:laptop group:servers icmp')),
    ).toEqual({ inbound: ['laptop icmp:any'], outbound: ['web tcp:80', 'web tcp:fragment'] });
  });

  test('without a policy everyone may reach everyone', () => {
    expect(written(null)).toEqual({ inbound: ['true any:any'], outbound: ['true any:any'] });
  });

  test('gives rules that nebula takes and that decide as explain does', () => {
    const cases = someHosts.chain((hosts) =>
      fc.record({
        policy: fc.option(somePolicy(hosts), { freq: 20 }),
        hosts: fc.shuffledSubarray(hosts, { minLength: 2, maxLength: 2 }),
        packet: somePacket,
      }),
    );
    const check = checker(Policy, 'policy');
    fc.assert(
      fc.property(cases, ({ policy, hosts: [from, to], packet }) => {
        if (!from || !to) throw new Error('two hosts were asked for');
        if (policy) check(policy);
        const compile = compiler(policy);
        const { allowed } = explainer(policy, { from, to })(packet);
        for (const [compiled, peer] of [
          [compile(to).inbound, from],
          [compile(from).outbound, to],
        ] as const) {
          compiled.forEach(asNebulaTakes);
          expect(lets(compiled, peer, readPacket(packet))).toBe(allowed);
          if (allowed) {
            expect(lets(compiled, peer, { ...readPacket(packet), fragment: true })).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

/** @throws {Problem} for what it does not */
function asNebulaTakes({ protocol, port, peer }: AllowRule): void {
  toNebulaRule({ proto: protocol, port: port as 'any', peer: 'any' in peer ? 'any' : peer });
}

describe('affectedHosts', () => {
  const hosts = hostsOf(['family'], ['servers'], ['family', 'servers'], []);
  const changed = (before: Policy | null, after: Policy | null) =>
    affectedHosts(before, after, hosts).map(({ name }) => name);
  const two = rules('group:family group:servers tcp:443', 'any host:host-0 icmp');

  test.each([
    { after: two, hosts: [] },
    { after: { ...two, rules: two.rules.toReversed() }, hosts: [] },
    { after: { ...two, rules: two.rules.map((rule) => ({ ...rule, name: 'x' })) }, hosts: [] },
    {
      after: rules('group:family group:servers tcp:443', 'host:host-3 host:host-0 icmp'),
      hosts: ['host-0', 'host-1', 'host-2'],
    },
    { after: rules('any host:host-0 icmp'), hosts: ['host-0', 'host-1', 'host-2'] },
    {
      after: { ...two, rules: [...two.rules, ...rules('host:host-3 host:host-1 udp').rules] },
      hosts: ['host-1', 'host-3'],
    },
    { after: null, hosts: ['host-0', 'host-1', 'host-2', 'host-3'] },
  ])('are $hosts', ({ after, hosts: expected }) => {
    expect(changed(two, after)).toEqual(expected);
    expect(changed(after, two)).toEqual(expected);
  });

  test('are all those for which a packet is decided in another way', () => {
    const cases = someHosts.chain((some) =>
      fc.record({
        some: fc.constant(some),
        before: somePolicy(some),
        after: somePolicy(some),
        packet: somePacket,
      }),
    );
    fc.assert(
      fc.property(cases, ({ some, before, after, packet }) => {
        const affected = affectedHosts(before, after, some);
        const pairs = some.flatMap((from) => some.map((to) => ({ from, to })));
        for (const pair of pairs) {
          const [then, now] = [before, after].map((each) => explainer(each, pair)(packet));
          if (now?.allowed !== then?.allowed) {
            expect(affected).toEqual(expect.arrayContaining([pair.from, pair.to]));
          }
        }
      }),
    );
  });
});
