import * as contract from '@cep/contracts/agents';
import type { Bundle } from '@cep/contracts/bundle';
import * as hosts from '@cep/contracts/hosts';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createWorld, type Enrolled, user, type World } from '../world.fixture.ts';

const alice = user('alice');

requires('postgres')('when a backup of the database was restored', () => {
  let world: World;
  let cloud: Enrolled;
  let laptop: Enrolled;
  let leaving: AbortController;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    leaving = new AbortController();
    const made = await world.network(alice, 'home', 'cloud', 'laptop');
    const [first, second] = await Promise.all(
      made.map(({ host, enrolment }) => world.enrol('home', host, enrolment.code)),
    );
    cloud = first as Enrolled;
    laptop = second as Enrolled;
  });
  afterEach(() => leaving.abort());
  afterAll(() => world.stop());

  const show = (host: string) =>
    world.call(alice, hosts.getHost, { params: { network: 'home', host } });

  async function follow({ params, caller, open }: Enrolled, have: number): Promise<Bundle[]> {
    const received: Bundle[] = [];
    const input = { params, query: { have } };
    const events = await world.stream(caller, contract.followBundles, input, leaving.signal);
    (async () => {
      for await (const event of events) received.push(await open(event));
    })().catch(() => {});
    return received;
  }

  test('hosts are sent versions above those of the time that was lost', async () => {
    const received = await follow(laptop, 500);

    await eventually(async () => expect(received.at(-1)?.version).toBeGreaterThan(500));
    const body = { groups: ['family'] };
    await world.call(alice, hosts.editHost, { params: laptop.params, body });
    await eventually(async () => {
      const { bundleVersion } = await show('laptop');
      expect(received.at(-1)?.version).toBe(bundleVersion);
      expect(received).toHaveLength(2);
    });
  });

  test('so are those whose version is that of another bundle by now', async () => {
    const received = await follow(cloud, cloud.bundle.version);
    await follow(laptop, 500);

    await eventually(async () => expect(received).toHaveLength(1));
  });

  test('who has the newest is sent nothing, however often another one lies', async () => {
    await follow(laptop, 500);
    await eventually(async () => expect((await show('laptop')).bundleVersion).toBeGreaterThan(500));
    const { bundleVersion } = await show('cloud');
    const received = await follow(cloud, bundleVersion);

    await follow(laptop, 1_000);
    await eventually(async () =>
      expect((await show('laptop')).bundleVersion).toBeGreaterThan(1_000),
    );
    expect((await show('cloud')).bundleVersion).toBe(bundleVersion);
    expect(received).toEqual([]);
  });

  test('and a version that no database can count lifts nothing', async () => {
    const received = await follow(laptop, 2 ** 31 - 1);
    await world.call(alice, hosts.editHost, { params: cloud.params, body: { port: 443 } });
    const others = await follow(cloud, 0);

    await eventually(async () => expect(others).toHaveLength(1));
    expect(received).toEqual([]);
    expect((await show('laptop')).bundleVersion).toBeLessThan(100);
  });

  test('what hosts reported of that time is not taken for a version that is to come', async () => {
    const body = { fingerprint: 'a'.repeat(64), nebulaVersion: '1.9.3', agentVersion: '0.1.0' };
    const report = (bundleVersion: number) =>
      world.call(laptop.caller, contract.reportAgent, {
        params: laptop.params,
        body: { ...body, bundleVersion },
      });

    await report(500);
    expect((await show('laptop')).agent.bundleVersion).toBeNull();
    await report(laptop.bundle.version);
    expect((await show('laptop')).agent.bundleVersion).toBe(laptop.bundle.version);
  });
});
