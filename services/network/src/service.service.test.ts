import { randomBytes } from 'node:crypto';
import { enrolHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { createSealer } from '@cep/sealing/sealer';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createWorld, machine, stranger, user, type World } from './world.fixture.ts';

const alice = user('alice');

requires('postgres')('the network service', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(() => world.clear());
  afterAll(() => world.stop());

  test('keeps no key in clear', async () => {
    const [made] = await world.network(alice, 'home', 'cloud');
    await world.call(stranger, enrolHost, {
      params: { network: 'home', host: 'cloud' },
      body: { code: made?.enrolment.code ?? '', ...machine().sent },
    });
    const rows = await everyRow();
    const sealer = createSealer(world.masterKey);
    const { rows: authorities } = await world.db.query('select * from authorities');
    const { rows: bundleKeys } = await world.db.query('select * from bundle_keys');
    const [ca, bundle] = [authorities[0], bundleKeys[0]];
    const keys = [
      sealer.open(ca.sealed_key, `authority-key:${ca.fingerprint}`).subarray(0, 32),
      sealer.open(bundle.sealed_key, `bundle-key:${bundle.network_id}`).subarray(-32),
    ];

    expect(rows).toContain(ca.sealed_key.toString('base64'));
    for (const key of keys) {
      expect(key).toHaveLength(32);
      for (const form of spellings(key)) expect(rows).not.toContain(form);
    }
  });

  /** Every row of every table, bytes as base64, without white space. */
  async function everyRow(): Promise<string> {
    const { rows } = await world.db.query<{ xml: string }>(
      "select schema_to_xml('network', true, false, '')::text as xml",
    );
    return (rows[0]?.xml ?? '').replace(/\s/g, '');
  }

  test('does not start with another master key than its networks are sealed under', async () => {
    await world.call(alice, createNetwork, { body: { name: 'home' } });

    await expect(world.start({ MASTER_KEY: randomBytes(32).toString('base64') })).rejects.toThrow(
      'MASTER_KEY',
    );
    const second = await world.start();
    await second.stop();
  });

  test('says how it is, to anybody', async () => {
    const service = await world.start();
    const health = await fetch(new URL('/health', service.url));

    expect(await health.json()).toMatchObject({ parts: { database: 'ok' } });
    await service.stop();
  });
});

/** Hexadecimal, and base64 at each of the three places where it can begin in a longer one. */
const spellings = (key: Buffer): string[] => [
  key.toString('hex'),
  ...[0, 1, 2].map((skipped) => key.subarray(skipped, skipped + 30).toString('base64')),
];
