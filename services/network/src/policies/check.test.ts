import { checker } from '@cep/contracts/check';
import { Policy } from '@cep/contracts/policies';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkPolicy } from './check.ts';
import { warningsOf } from './trials.ts';

const network = {
  name: 'home',
  hosts: [
    { name: 'laptop', groups: ['family'] },
    { name: 'nas', groups: ['servers'] },
  ],
};
const web = { name: 'web', from: ['group:family'], to: ['host:nas'], allow: ['tcp:443'] };
const read = checker(Policy, 'body');
const check = (document: unknown) => checkPolicy(read(document), network);
const withRule = (rule: object) => ({ rules: [{ ...web, ...rule }] });
const withTest = (test: object) => ({
  rules: [web],
  tests: [{ from: 'host:laptop', to: 'host:nas', ...test }],
});

describe('checkPolicy', () => {
  test.each([
    [{ rules: [] }],
    [withRule({ to: ['any'], allow: ['any', 'icmp', 'tcp', 'udp', 'tcp:8000-8010', 'udp:53'] })],
    [withRule({ from: ['group:not-yet'] })],
    [withTest({ allow: ['tcp:443'], deny: ['tcp:22', 'icmp'] })],
    [withTest({ from: 'group:family', allow: ['tcp:443'] })],
    [withTest({ from: 'group:guests', deny: ['tcp:443'] })],
    [withTest({ from: 'host:nas', allow: ['tcp:1'] })],
  ])('takes %j', (document) => {
    expect(() => check(document)).not.toThrow();
  });

  test.each([
    [withRule({ from: ['host:latpop'] }), 'body/rules/0/from/0: there is no host "latpop"'],
    [withRule({ to: ['any', 'host:sna'] }), 'body/rules/0/to/1: there is no host "sna"'],
    [withRule({ from: ['group:any'] }), 'body/rules/0/from/0: no group can be called "any"'],
    [withRule({ from: ['laptop'] }), 'body/rules/0/from/0'],
    [withRule({ from: ['host:Laptop'] }), 'body/rules/0/from/0'],
    [withRule({ from: ['host:laptop '] }), 'body/rules/0/from/0'],
    [withRule({ from: ['group:'] }), 'body/rules/0/from/0'],
    [withRule({ from: ['any:x'] }), 'body/rules/0/from/0'],
    [withRule({ from: [] }), 'body/rules/0/from'],
    [withRule({ to: 'any' }), 'body/rules/0/to'],
    [withRule({ allow: ['tcp:0'] }), 'body/rules/0/allow/0'],
    [withRule({ allow: ['tcp:65536'] }), 'body/rules/0/allow/0: "tcp:65536" is beyond'],
    [withRule({ allow: ['tcp:9-8'] }), 'body/rules/0/allow/0: "tcp:9-8" ends before'],
    [withRule({ allow: ['tcp:1-1001'] }), 'Write "tcp" for all of them'],
    [withRule({ allow: ['icmp:8'] }), 'body/rules/0/allow/0'],
    [withRule({ allow: ['any:443'] }), 'body/rules/0/allow/0'],
    [withRule({ allow: ['sctp'] }), 'body/rules/0/allow/0'],
    [withRule({ name: 'two\nlines' }), 'body/rules/0/name'],
    [withRule({ form: ['any'] }), '"form"'],
    [{ rules: [web], test: [] }, '"test"'],
    [{}, 'rules'],
    [withTest({ from: 'host:gone' }), 'body/tests/0/from: there is no host "gone"'],
    [withTest({ from: 'any' }), 'body/tests/0/from'],
    [withTest({ allow: ['tcp'] }), 'body/tests/0/allow/0'],
    [withTest({ deny: ['tcp:70000'] }), 'body/tests/0: "tcp:70000"'],
  ])('refuses %j, saying %s', (document, sentence) => {
    expect(() => check(document)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringContaining(sentence),
      }),
    );
  });

  test.each([
    [
      { allow: ['tcp:443', 'tcp:22'] },
      'Test 1 fails: host:laptop must reach host:nas with tcp:22. No rule allows it: rule 1 "web" is for these two, but only for tcp:443.',
    ],
    [
      { deny: ['tcp:443'] },
      'Test 1 fails: host:laptop must not reach host:nas with tcp:443. Rule 1 "web" allows it.',
    ],
    [
      { from: 'group:guests', allow: ['tcp:443'] },
      'Test 1 fails: group:guests must reach host:nas with tcp:443. No rule allows it: rule 1 "web" lets only group:family do so.',
    ],
    [
      { to: 'group:servers', allow: ['tcp:443'] },
      'Test 1 fails: host:laptop must reach group:servers with tcp:443. No rule allows it: rule 1 "web" allows it only to host:nas.',
    ],
  ])('refuses a policy whose test %j fails', (wishes, message) => {
    expect(() => check(withTest(wishes))).toThrow(
      expect.objectContaining({ code: 'policy-test-failed', message, members: { test: 1 } }),
    );
  });

  test('bounds what one host may have to take', () => {
    const from = Array.from({ length: 100 }, (_, index) => `group:g${index}`);
    const allow = Array.from({ length: 51 }, (_, index) => `tcp:${index + 1}`);
    const tooLarge = (document: unknown) =>
      expect(() => check(document)).toThrow(/come to .* is the most/);

    check(withRule({ from, allow: allow.slice(2) }));
    tooLarge(withRule({ from, allow }));
    tooLarge(withRule({ from, allow: ['tcp:1-1000'] }));
    tooLarge(withRule({ from: ['host:nas'], to: from, allow }));
  });

  test('counts rules about several hosts for each, and those for groups for all of them', () => {
    const groups = Array.from({ length: 100 }, (_, index) => `group:g${index}`);
    const allow = Array.from({ length: 16 }, (_, index) => `tcp:${index + 1}`);
    const about = (...owners: string[]) =>
      owners.flatMap((own) => [
        { from: groups, to: [own], allow },
        { from: [own], to: groups, allow },
      ]);
    const both = [...about('host:laptop'), ...about('host:nas')];

    check({ rules: both });
    expect(() => check({ rules: [...both, ...about('group:g0')] })).toThrow(/come to 6496 pairs/);
  });

  test('whatever is sent is taken or refused by a problem', () => {
    const words = ['any', 'group:any', 'host:nas', 'host:', 'tcp:1-0', 'tcp:99999', 'icmp', ''];
    const list = fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 3 });
    const rule = fc.record({ from: list, to: list, allow: list });
    fc.assert(
      fc.property(fc.record({ rules: fc.array(fc.oneof(rule, fc.anything())) }), (document) => {
        try {
          check(structuredClone(document));
        } catch (error) {
          expect(error).toMatchObject({ name: 'Problem' });
        }
      }),
    );
  });
});

test('warnings are of groups without hosts, hosts that are gone, and tests that fail by now', () => {
  const policy = read({
    ...withTest({ allow: ['tcp:443'] }),
    rules: [web, { from: ['group:guests'], to: ['host:nas'], allow: ['icmp'] }],
  });

  expect(warningsOf(policy, network.hosts)).toEqual(['No host is in the group "guests".']);
  expect(warningsOf(policy, network.hosts.slice(0, 1))).toEqual([
    'There is no host "nas" any more.',
    'No host is in the group "guests".',
    'Test 1 fails: there is no host:nas.',
  ]);
});
