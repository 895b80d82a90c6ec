/** Hosts with three versions of Nebula in one network, and what happens to it under a running ping. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createMixedLab, type MixedLab, members } from './mixed-lab.ts';

// Each step starts programs, and waits for what they do.
jest.setTimeout(120_000);

/** No connection is away for longer. */
const GAP_MS = 500;
/**
 * From the start of the CLI to the last packet that is answered, on a machine that is busy: what nobody
 * cuts goes on until the certificate expires. How soon it is cut is what `bench/revocation` measures.
 */
const CUT_MS = 3_000;

requires(
  'docker',
  'nebula',
  'namespaces',
)('agents of a network with three versions of nebula', () => {
  let lab: MixedLab;
  const ping = (from: (typeof members)[number], to: (typeof members)[number]) =>
    startPing(lab.hosts[from], lab.addresses[to]);

  beforeAll(async () => {
    lab = await createMixedLab();
  });
  afterAll(() => lab?.close());

  test('every agent is connected, and runs the newest bundle', async () => {
    await lab.allCurrent();
  });

  test('the control plane is killed, and nobody notices', async () => {
    const running = await ping('old', 'new');

    await lab.restartControlPlane();

    await lab.allCurrent();
    expect(await running.largestGap()).toBeLessThan(GAP_MS);
  });

  test('without a control plane hosts come back, and meet who is there', async () => {
    await lab.restartControlPlane(async () => {
      await lab.on('new').json('host', 'disconnect', 'home', 'new');
      await lab.connect('new');
      await lab.pingWorks('middle', 'new');
      const running = await ping('middle', 'new');
      await sleep(3_000);
      expect(await running.largestGap()).toBeLessThan(GAP_MS);
    });

    await lab.allCurrent();
  });

  test.each(['old', 'middle', 'new'] as const)(
    'the nebula of %s is killed: it comes back, and nobody else notices',
    async (name) => {
      const [one, two] = members.filter((each) => each !== name && each !== 'light');
      if (!one || !two) throw new Error('two others are there');
      const running = await ping(one, two);

      await lab.killNebula(name);

      await lab.pingWorks(one, name);
      await lab.pingWorks(name, two);
      await lab.allCurrent();
      expect(await running.largestGap()).toBeLessThan(GAP_MS);
    },
  );

  test('an agent is killed, and nobody notices', async () => {
    const running = await ping('old', 'new');

    await lab.killAgent('old');

    await sleep(2_000);
    expect(await running.largestGap()).toBeLessThan(GAP_MS);
    await lab.connect('old');
    await lab.allCurrent();
    await lab.pingWorks('old', 'new');
  });

  test('the authority is replaced under a ping', async () => {
    const running = await Promise.all([
      ping('old', 'middle'),
      ping('old', 'new'),
      ping('middle', 'light'),
    ]);
    const before = (await lab.list()).map(({ certificate }) => certificate.fingerprint);

    await lab.here.json('network', 'rotate-ca', 'home');

    await lab.allCurrent();
    const after = (await lab.list()).map(({ certificate }) => certificate.fingerprint);
    expect(after.some((each) => before.includes(each))).toBe(false);
    for (const each of running) expect(await each.largestGap()).toBeLessThan(GAP_MS);
    await lab.everybodyMeets();
  });

  test('a policy cuts what it does not allow, and nothing else', async () => {
    const [cut, kept] = [await ping('old', 'new'), await ping('middle', 'new')];

    const began = Date.now();
    await setPolicy({ from: ['host:middle'], to: ['host:new'], allow: ['icmp'] });

    const last = await cut.lastAnswer();
    const gap = await kept.largestGap();
    await cut.stop();
    await setPolicy({ from: ['any'], to: ['any'], allow: ['any'] });
    await lab.pingWorks('old', 'new');
    expect(last - began).toBeLessThan(CUT_MS);
    expect(gap).toBeLessThan(GAP_MS);
  });

  async function setPolicy(rule: object): Promise<void> {
    const file = join(lab.homeOf('light'), 'policy.json');
    writeFileSync(file, JSON.stringify({ rules: [rule], tests: [] }));
    await lab.here.json('network', 'policy', 'set', 'home', file);
  }

  test('hosts find each other by a lighthouse without an interface', async () => {
    await lab.on('light').json('host', 'disconnect', 'home', 'light');
    await lab.on('new').json('host', 'disconnect', 'home', 'new');

    await lab.connect('new');

    await lab.pingWorks('old', 'new');
    await lab.pingWorks('new', 'middle');
    await lab.connect('light');
    await lab.pingWorks('new', 'light');
  });

  test('a revoked host is cut off from every peer, whatever they run', async () => {
    const peers = members.filter((name) => name !== 'old');
    const pings = await Promise.all(peers.map((to) => ping('old', to)));

    const began = Date.now();
    await lab.here.json('host', 'revoke', 'home', 'old', '--yes');

    for (const each of pings) {
      expect((await each.lastAnswer()) - began).toBeLessThan(CUT_MS);
      await each.stop();
    }
    await lab.pingWorks('middle', 'new');
  });
});
