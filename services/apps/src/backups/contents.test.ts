import { describe, expect, test } from '@jest/globals';
import { bareService } from '../compose/service.fixture.ts';
import { chosenOf, contentsOf, copiedOf, partOf, withDumps } from './contents.ts';

const use = (kind: 'data' | 'cache' | 'media' | 'config', more: object = {}) => ({
  ...{ class: kind, retain: true },
  ...more,
});

test('data and settings are in it, and what the template says nothing of; caches and media are not', () => {
  const app = { volumes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] };
  const uses = {
    ...{ a: use('data'), b: use('config'), c: use('cache'), d: use('media') },
    e: use('data', { backup: 'exclude' }),
    f: use('media', { backup: 'include' }),
  };

  expect(contentsOf(app, uses).volumes).toEqual(['a', 'b', 'f', 'g']);
});

test('patterns are below the volume that they are of', () => {
  const uses = {
    a: use('data', { exclude: ['thumbs/*', '/tmp'] }),
    b: use('cache', { exclude: ['x'] }),
  };

  expect(contentsOf({ volumes: ['a', 'b'] }, uses).excludes).toEqual(['a/thumbs/*', 'a/tmp']);
});

const mount = (volume: string, target: string) => ({
  ...{ kind: 'volume' as const, volume, target, readOnly: false },
});
const services = [
  bareService({
    ...{ name: 'db', image: 'mysql:9' },
    mounts: [mount('rows', '/var/lib/mysql'), mount('logs', '/logs')],
  }),
  bareService({ name: 'web', mounts: [mount('files', '/srv')] }),
];
const app = { services, volumes: ['rows', 'logs', 'files'], endpoints: [] };
const whole = { volumes: app.volumes, excludes: [] };

test('what is dumped is not copied', () => {
  const contents = withDumps(whole, app);

  expect(contents.dumps).toEqual([{ service: 'db', kind: 'mysql', instead: ['rows', 'logs'] }]);
  expect(contents.volumes).toEqual(['rows', 'logs', 'files']);
  expect(copiedOf(contents)).toEqual(['files']);
});

describe('of volumes that somebody names', () => {
  test('those are in it, caches too, and what is excluded in them is not', () => {
    const uses = { files: use('cache', { exclude: ['x'] }), rows: use('data', { exclude: ['y'] }) };

    expect(chosenOf(app, uses, ['files'])).toEqual({
      ...{ volumes: ['files'], excludes: ['files/x'], chosen: true },
    });
    expect(() => chosenOf(app, uses, ['file'])).toThrow(
      'no volume "file". It has rows, logs, files',
    );
  });

  test('an app that goes on has a database dumped only with all that it keeps', () => {
    const half = () => withDumps(chosenOf(app, {}, ['rows']), app);

    expect(half).toThrow('The dump of "db" stands for rows and logs: name logs as well.');
    expect(withDumps(chosenOf(app, {}, ['rows', 'logs']), app).dumps).toHaveLength(1);
    expect(withDumps(chosenOf(app, {}, ['files']), app).dumps).toBeUndefined();
  });

  test('those are restored, with the dumps that are loaded into them', () => {
    const contents = withDumps(whole, app);
    const part = (...names: string[]) => partOf(contents, services, names);

    expect(part('files')).toEqual({ volumes: ['files'], excludes: [], chosen: true });
    expect(part('logs', 'rows')).toEqual({
      ...{ volumes: ['rows', 'logs'], excludes: [], chosen: true, dumps: contents.dumps },
    });
    expect(() => part('rows')).toThrow('name logs as well');
    expect(() => part('cache')).toThrow('The backup has no volume "cache"');
  });

  test('a file of SQLite is loaded into the volume that it is in', () => {
    const dumps = [{ service: 'web', kind: 'sqlite' as const, path: '/srv/a.db', instead: [] }];
    const contents = { ...whole, dumps };

    expect(partOf(contents, services, ['files']).dumps).toEqual(dumps);
    expect(partOf(contents, services, ['rows']).dumps).toBeUndefined();
  });
});
