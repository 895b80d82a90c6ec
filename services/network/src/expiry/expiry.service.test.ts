import { getHost } from '@cep/contracts/hosts';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, user, type World } from '../world.fixture.ts';

const alice = user('alice');

requires('postgres')('what is about to end', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.stop());

  const round = async () => (await world.start()).stop();
  const warnings = async () =>
    (await world.events()).filter(({ name }) => name.endsWith('.expiring'));

  test('is stated once, and seen at the host', async () => {
    const [made] = await world.network(alice, 'home', 'cloud');
    if (!made) throw new Error('no host');
    const { hostId, params } = await world.enrol('home', made.host, made.enrolment.code);
    await round();
    expect(await warnings()).toEqual([]);

    await world.db.query(`update certificates set issued_at = now() - interval '80 days',
      not_after = now() + interval '10 days'`);
    await world.db.query(`update authorities set not_after = now() + interval '300 days'`);
    await round();
    await round();

    expect(await warnings()).toEqual([
      {
        name: 'network.host.expiring',
        data: expect.objectContaining({ hostId, name: 'cloud', expiresAt: expect.any(String) }),
      },
      { name: 'network.authority.expiring', data: expect.anything() },
    ]);
    const { warnings: seen } = await world.call(alice, getHost, { params });
    expect(seen).toEqual([expect.stringContaining('cannot be renewed while it is away')]);
  });
});
