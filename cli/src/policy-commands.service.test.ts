import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainPolicy, getPolicy, type Policy, setPolicy } from '@cep/contracts/policies';
import { Problem } from '@cep/contracts/problems';
import { serve } from '@cep/http/serve';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { makeMachine } from './machine.fixture.ts';
import { type FixtureServer, startServer } from './server.fixture.ts';

jest.setTimeout(60_000);

const YAML = `rules:
  - name: web
    from: [group:family]
    to: [host:nas]
    allow: [tcp:443]
`;

let server: FixtureServer;
let machine: ReturnType<typeof makeMachine>;
let policy: Policy | null;
beforeAll(async () => {
  server = await startServer((router) => {
    const now = () => ({
      policy,
      changedAt: null,
      warnings: ['No host is in the group "family".'],
    });
    serve(router, getPolicy, async () => now());
    serve(router, setPolicy, async ({ body }) => {
      if (body.tests.length > 0) throw new Problem('policy-test-failed', 'Test 1 fails: why.');
      policy = body;
      return { ...now(), changedHosts: ['laptop', 'nas'] };
    });
    serve(router, explainPolicy, async ({ body }) => ({
      ...{ verdict: 'denied' as const, rule: null, reason: `No rule allows it: ${body.packet}.` },
    }));
  });
});
afterAll(async () => server[Symbol.asyncDispose]());
beforeEach(() => {
  policy = null;
  machine = makeMachine();
  machine.signIn(server);
});
afterEach(() => machine[Symbol.dispose]());

const policyCommand = (...args: string[]) => machine.cep(['network', 'policy', ...args]);

test('a policy is set from a file or from standard input, and shown as it can be set', async () => {
  const file = join(machine.home, 'policy.yaml');
  writeFileSync(file, YAML);

  expect((await policyCommand('show', 'home')).stdout).toContain('has no policy');
  expect(await policyCommand('set', 'home', file)).toEqual({
    code: 0,
    stdout: 'The policy of home has 1 rule now.\nOther rules than before: laptop, nas.\n',
    stderr: 'Warning: No host is in the group "family".\n',
  });
  expect((await policyCommand('show', 'home')).stdout).toBe(YAML);
  const json = JSON.stringify({ rules: [] });
  const piped = await machine.cep(['network', 'policy', 'set', 'home', '-'], { input: json });
  expect(piped.code).toBe(0);
  expect(policy).toEqual({ rules: [], tests: [] });
});

test('one that is refused ends with one sentence', async () => {
  const file = join(machine.home, 'policy.yaml');
  writeFileSync(file, 'rules: []\ntests: [{ from: host:a, to: host:b, allow: [icmp] }]');

  expect(await policyCommand('set', 'home', file)).toEqual({
    ...{ code: 4, stdout: '', stderr: 'Test 1 fails: why.\n' },
  });
});

test('a question is answered for people and for programs', async () => {
  expect(await policyCommand('explain', 'home', 'laptop', 'nas:53', '--protocol', 'udp')).toEqual({
    code: 0,
    stdout: 'laptop may not reach nas with udp:53.\nNo rule allows it: udp:53.\n',
    stderr: '',
  });
  const { stdout } = await policyCommand('explain', 'home', 'laptop', 'nas:443', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'denied', rule: null });
});
