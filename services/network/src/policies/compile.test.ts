import { checker } from '@cep/contracts/check';
import { Policy } from '@cep/contracts/policies';
import { toNebulaRule } from '@cep/nebula/firewall';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { affectedHosts, compiler } from './compile.ts';
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
const written = (policy: Policy | null) =>
  compiler(policy)(nas).map(
    ({ protocol, port, from }) => `${Object.values(from).join()} ${protocol}:${port}`,
  );

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
      because: 'nebula has one caller in a rule',
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
  ])('$lines become $gives', ({ lines, gives }) => {
    expect(written(rules(...lines))).toEqual(gives);
  });

  test('without a policy lets everyone in', () => {
    expect(written(null)).toEqual(['true any:any']);
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
        const compiled = compiler(policy)(to);
        for (const { protocol, port, from: caller } of compiled) {
          const selector = 'any' in caller ? 'any' : caller;
          toNebulaRule({ proto: protocol, port: port as 'any', from: selector });
        }
        const { allowed } = explainer(policy, { from, to })(packet);
        expect(lets(compiled, from, readPacket(packet))).toBe(allowed);
        if (allowed) {
          expect(lets(compiled, from, { ...readPacket(packet), fragment: true })).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('affectedHosts', () => {
  const hosts = hostsOf(['family'], ['servers'], ['family', 'servers'], []);
  const changed = (before: Policy | null, after: Policy | null) =>
    affectedHosts(before, after, hosts).map(({ name }) => name);
  const two = rules('group:family group:servers tcp:443', 'any host:host-0 icmp');

  test.each([
    { after: two, hosts: [] },
    { after: { ...two, rules: two.rules.toReversed() }, hosts: [] },
    { after: { ...two, rules: two.rules.map((rule) => ({ ...rule, name: 'x' })) }, hosts: [] },
    { after: rules('group:family group:servers tcp:443'), hosts: ['host-0'] },
    { after: rules('any host:host-0 icmp'), hosts: ['host-1', 'host-2'] },
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
        for (const to of some.filter((host) => !affected.includes(host))) {
          for (const from of some) {
            const [then, now] = [before, after].map((each) =>
              explainer(each, { from, to })(packet),
            );
            expect(now?.allowed).toBe(then?.allowed);
          }
        }
      }),
    );
  });
});
