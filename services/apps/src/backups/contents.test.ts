import { expect, test } from '@jest/globals';
import { bareService } from '../compose/service.fixture.ts';
import { contentsOf, copiedOf, withDumps } from './contents.ts';

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

test('what is dumped is not copied', () => {
  const mount = (volume: string, target: string) => ({
    ...{ kind: 'volume' as const, volume, target, readOnly: false },
  });
  const app = {
    services: [
      bareService({ name: 'db', image: 'mysql:9', mounts: [mount('rows', '/var/lib/mysql')] }),
      bareService({ name: 'web', mounts: [mount('files', '/srv')] }),
    ],
    ...{ volumes: ['rows', 'files'], endpoints: [] },
  };
  const contents = withDumps({ volumes: app.volumes, excludes: [] }, app);

  expect(contents.dumps).toEqual([{ service: 'db', kind: 'mysql', instead: ['rows'] }]);
  expect(contents.volumes).toEqual(['rows', 'files']);
  expect(copiedOf(contents)).toEqual(['files']);
});
