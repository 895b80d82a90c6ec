import type { BackupMode } from '@cep/contracts/backups';
import { describe, expect, test } from '@jest/globals';
import { bareService } from '../compose/service.fixture.ts';
import { chooseMode } from './mode.ts';

const data = { kind: 'volume' as const, volume: 'a', target: '/a', readOnly: false };
const rendered = (image: string) => ({ services: [bareService({ image, mounts: [data] })] });
const some = { volumes: ['a'], excludes: [] };
const given = {
  ...{ contents: some, asked: undefined, template: undefined, rendered: rendered('nginx:1') },
  app: { wanted: 'running' as const },
};
const says = (mode: BackupMode) => ({ template: { backup: { mode } } });

describe('an app is', () => {
  test.each([
    ['stopped when it has data', {}, 'stop'],
    ['left alone when it has none', { contents: { volumes: [], excludes: [] } }, 'hot'],
    ['kept still as its template says', says('pause'), 'pause'],
    ['kept still as somebody says', { ...says('pause'), asked: 'hot' }, 'hot'],
    ['not asked for dumps when it rests', { asked: 'hot', app: { wanted: 'stopped' } }, 'stop'],
    [
      'left alone when its database can be dumped',
      { asked: 'hot', rendered: rendered('mongo:8') },
      'hot',
    ],
    ['stopped when it cannot', { ...says('hot'), rendered: rendered('influxdb:2') }, 'stop'],
  ] as const)('%s', (_what, change, mode) => {
    expect(chooseMode({ ...given, ...change })).toBe(mode);
  });
});

test('who asks for a copy of a database while it writes is told what to ask for', () => {
  const asked = { ...given, asked: 'hot' as const, rendered: rendered('influxdb:2') };

  expect(() => chooseMode(asked)).toThrow(
    expect.objectContaining({
      code: 'invalid-request',
      message: expect.stringContaining('--mode stop'),
    }),
  );
});
