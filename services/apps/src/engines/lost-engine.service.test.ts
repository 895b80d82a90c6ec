import { getApp, restartApp } from '@cep/contracts/apps';
import { type Happening, watchHappenings } from '@cep/contracts/happenings';
import { listVolumes } from '@cep/contracts/volumes';
import { eventually } from '@cep/testing/eventually';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Barn, createBarn } from './barn.fixture.ts';
import { startProxy } from './frozen-proxy.fixture.ts';

const LONG = 120_000;

requires(
  'postgres',
  'docker',
  'namespaces',
)('an engine on a bad day', () => {
  let all: Barn;
  beforeAll(async () => {
    all = await createBarn();
    await all.put('barn');
    await Promise.all([all.deploy('here'), all.deploy('there', { engine: 'barn' })]);
  }, LONG);
  afterAll(async () => {
    await all.destroy('there', true);
    await all.close();
  }, LONG);

  const look = (app: string) =>
    all.world.call(all.ada, getApp, { params: { app }, query: { secrets: false } });

  test(
    'that is lost leaves its apps unknown, disturbs no other, and is healed by its return',
    async () => {
      const { world, ada, barn, run, show, becomes } = all;
      await run('there', 'sh', '-c', 'echo kept > /data/kept');
      await barn.kill();
      await becomes('barn', 'lost');

      expect(await look('here')).toMatchObject({ state: 'running', reason: null });
      expect(await look('there')).toMatchObject({
        state: 'unknown',
        services: [{ name: 'web', state: 'unknown', drift: [] }],
        reason: { code: 'engine-unavailable', message: expect.stringContaining('"barn" since 20') },
      });
      expect(await show('barn')).toMatchObject({
        since: expect.any(String),
        why: expect.any(String),
      });
      const away = { code: 'unavailable', message: expect.stringContaining('"barn"') };
      await expect(run('there', 'hostname')).rejects.toMatchObject(away);
      await expect(
        world.call(ada, listVolumes, { params: { pool: 'barn' }, query: { sizes: false } }),
      ).rejects.toMatchObject(away);
      expect(await run('here', 'echo', 'fine')).toBe('fine');
      expect(await world.left()).toMatchObject({ containers: { length: 1 } });

      await barn.start();
      await becomes('barn', 'reachable');
      const read = async () => expect(await run('there', 'cat', '/data/kept')).toBe('kept');
      await eventually(read, { within: 30_000 });
      expect(await look('there')).toMatchObject({ state: 'running' });
    },
    LONG,
  );

  test(
    'that is lost is followed again, and the others all the while',
    async () => {
      const { world, ada, barn, becomes } = all;
      const seen: Happening[] = [];
      const query = { since: new Date().toISOString(), follow: true };
      const stream = await (await world.client(ada)).stream(watchHappenings, { query });
      // Until the service ends.
      void (async () => {
        for await (const happening of stream) seen.push(happening);
      })().catch(() => {});
      const starts = (app: string) => async () =>
        expect(seen).toContainEqual(expect.objectContaining({ app, what: 'start' }));
      const restart = async (app: string) =>
        world.end(ada, (await world.call(ada, restartApp, { params: { app } })).operation);

      await barn.kill();
      await becomes('barn', 'lost');
      await restart('here');
      await eventually(starts('here'));
      await barn.start();
      await becomes('barn', 'reachable');
      await world.reaches(ada, 'there', 'running', 30_000);
      await restart('there');
      await eventually(starts('there'), { within: 10_000 });
    },
    LONG,
  );

  test(
    'that hangs holds up neither what was asked of it nor anybody else',
    async () => {
      const { world, ada, barn, address, put, run, becomes, deploy, destroy } = all;
      const proxy = await startProxy(address, 2376);
      try {
        expect(await put('barn', { url: proxy.url })).toMatchObject({ url: proxy.url });
        await world.reaches(ada, 'there', 'running');
        proxy.freeze();
        const hanging = run('there', 'hostname').catch((error: unknown) => error);

        expect(await run('here', 'echo', 'fine')).toBe('fine');
        await deploy('second');
        expect(await hanging).toMatchObject({ code: 'unavailable' });
        await becomes('barn', 'lost');
        expect(await look('there')).toMatchObject({
          state: 'unknown',
          reason: { message: expect.stringContaining('does not answer') },
        });

        proxy.thaw();
        await world.reaches(ada, 'there', 'running', 40_000);
      } finally {
        expect(await put('barn')).toMatchObject({ url: barn.url });
        proxy.close();
      }
      await destroy('second', true);
    },
    LONG,
  );

  test(
    'whose machine was replaced takes up its apps only when somebody says so',
    async () => {
      const { world, ada, barn, show, put, becomes } = all;
      await barn.kill();
      await barn.start({ forgets: true });
      await becomes('barn', 'lost');
      await eventually(async () => expect((await show('barn')).why).toContain('another Docker'));

      await expect(put('barn')).rejects.toMatchObject({
        code: 'engine-in-use',
        message: expect.stringContaining('there'),
      });
      expect(await put('barn', { replaced: true })).toMatchObject({ state: 'reachable' });
      await world.reaches(ada, 'there', 'running', 60_000);
    },
    LONG,
  );
});
