import * as contract from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import {
  createWorld,
  lighthouse,
  machine,
  openBundle,
  ordinary,
  stranger,
  user,
  type World,
} from '../world.fixture.ts';
import { newCode } from './codes.ts';

jest.setTimeout(60_000);

const alice = user('alice');
const HOSTS = 200;

requires('postgres')('many enrolments at once', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/16' } });
    await create(lighthouse('cloud'));
  });
  afterAll(() => world.stop());

  const create = (body: ReturnType<typeof ordinary>) =>
    world.call(alice, contract.createHost, { params: { network: 'home' }, body });
  const enrol = (host: string, code: string) =>
    world.call(stranger, contract.enrolHost, {
      params: { network: 'home', host },
      body: { code, ...machine().sent },
    });
  const certificates = async () =>
    (await world.db.query('select host_id, ordinal from certificates')).rows;

  test('of 200 hosts give each an address, a code and a certificate of its own', async () => {
    const names = Array.from({ length: HOSTS }, (_, index) => `host-${index}`);
    const made = await Promise.all(names.map((name) => create(ordinary(name))));
    const replies = await Promise.all(
      made.map(({ host, enrolment }) => enrol(host.name, enrolment.code)),
    );

    const bundles = await Promise.all(replies.map(openBundle));
    const distinct = (values: readonly unknown[]) => new Set(values).size;
    expect(distinct(made.map(({ enrolment }) => enrolment.code))).toBe(HOSTS);
    expect(distinct(bundles.map(({ host }) => host.address))).toBe(HOSTS);
    expect(bundles.map(({ host }) => host.address)).toEqual(
      made.map(({ host }) => `${host.address}/16`),
    );
    expect(await certificates()).toHaveLength(HOSTS);
    expect(distinct((await certificates()).map(({ ordinal }) => ordinal))).toBe(HOSTS);
  });

  test('with one code by twenty machines let exactly one of them in', async () => {
    const { enrolment } = await create(ordinary('laptop'));
    const machines = Array.from({ length: 20 }, () => () => enrol('laptop', enrolment.code));
    const outcomes = await world.race('select from networks for update', machines);

    const refused = outcomes.filter((each) => each.status === 'rejected');
    expect(refused.map(({ reason }) => reason.code)).toEqual(Array(19).fill('enrolment-refused'));
    expect(await certificates()).toHaveLength(1);
  });

  test('that are guesses keep nobody waiting who has the code, and do not end it', async () => {
    const { enrolment } = await create(ordinary('laptop'));
    const guesses = Promise.allSettled(
      Array.from({ length: 50 }, () => enrol('laptop', newCode())),
    );
    const owner = enrol('laptop', enrolment.code);

    expect(await owner).toMatchObject({ bundle: expect.any(String) });
    const codes = (await guesses).map((each) => each.status === 'rejected' && each.reason.code);
    expect(codes).toEqual(Array(50).fill('enrolment-refused'));
  });
});
