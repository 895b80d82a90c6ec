import { describe, expect, test } from '@jest/globals';
import { LABELS } from '../labels.ts';
import { type PoolWork, poolPayload } from '../pool-payload.ts';
import { SCRIPTS } from '../pool-scripts.ts';
import { judgePoolHelper, type PoolScope } from './pool-helper.ts';

const path = '/srv/fast';
const volume = 'cep-web-1f3a9c2b-data';
const scope: PoolScope = { instance: 'aaaa', image: 'restic/restic:0.18.1', folder: path };
const good = (work: PoolWork) => poolPayload({ ...scope, work });
const make = good({ do: 'make', path, volume });
const look = good({ do: 'look', paths: ['/', '/srv'] });
const [mount] = make.HostConfig.Mounts;
const [machine] = look.HostConfig.Mounts;
const host = (change: object) => ({ ...make, HostConfig: { ...make.HostConfig, ...change } });

test.each<PoolWork>([
  { do: 'look', paths: ['/', '/srv', '/srv/fast'] },
  { do: 'make', path, volume },
  { do: 'discard', path, volume, as: `${volume}.1` },
  { do: 'space' },
  ...(['take', 'empty', 'release', 'measure'] as const).map((each) => ({ do: each, path })),
])('what cep does is allowed: $do', (work) => {
  const folder = 'path' in work ? work.path : undefined;
  expect(judgePoolHelper(good(work), { ...scope, folder })).toBeUndefined();
});

describe('is refused', () => {
  test.each<[string, object, string]>([
    ['another image', { ...make, Image: 'busybox:1' }, 'image'],
    ['another program', { ...make, Entrypoint: ['sh'] }, 'exec'],
    ['a script of one’s own', { ...make, Entrypoint: ['/bin/sh', '-c', 'id', 'cep'] }, 'exec'],
    [
      'a script with more to it',
      { ...make, Entrypoint: ['/bin/sh', '-c', `${SCRIPTS.make}; id`, 'cep'] },
      'exec',
    ],
    ['a script that every object has', { ...make, Entrypoint: 'constructor' }, 'exec'],
    ['a volume that climbs', { ...make, Cmd: ['aaaa', '../etc'] }, 'exec'],
    ['a volume that is a path', { ...make, Cmd: ['aaaa', '/etc'] }, 'exec'],
    ['a volume that is an option', { ...make, Cmd: ['aaaa', '--parents'] }, 'exec'],
    ['a volume that is hidden', { ...make, Cmd: ['aaaa', '.cep-pool'] }, 'exec'],
    ['two volumes', { ...make, Cmd: ['aaaa', volume, volume] }, 'exec'],
    ['no volume', { ...make, Cmd: ['aaaa'] }, 'exec'],
    ['another installation', { ...make, Cmd: ['bbbb', volume] }, 'exec'],
    ['a label of an app', { ...make, Labels: { ...make.Labels, [LABELS.app]: 'x' } }, 'labels'],
    ['the labels of another', { ...make, Labels: { [LABELS.instance]: 'bbbb' } }, 'labels'],
    ['an environment', { ...make, Env: ['A=1'] }, 'unknown-member'],
    ['another user', { ...make, User: '1000' }, 'privileges'],
    ['privileges', host({ Privileged: true }), 'unknown-member'],
    ['more capabilities', host({ CapAdd: ['SYS_ADMIN'] }), 'capabilities'],
    ['capabilities of another script', host({ CapAdd: ['DAC_OVERRIDE'] }), 'capabilities'],
    ['to keep capabilities', host({ CapDrop: [] }), 'capabilities'],
    ['a network', host({ NetworkMode: 'bridge' }), 'network'],
    ['the network of the machine', host({ NetworkMode: 'host' }), 'network'],
    ['processes of the machine', host({ PidMode: 'host' }), 'unknown-member'],
    ['to write its own files', host({ ReadonlyRootfs: false }), 'privileges'],
    ['binds', host({ Binds: ['/:/x'] }), 'unknown-member'],
    ['another folder', host({ Mounts: [{ ...mount, Source: '/srv' }] }), 'mounts'],
    ['the machine, to write', host({ Mounts: [{ ...mount, Source: '/' }] }), 'mounts'],
    ['the folder elsewhere', host({ Mounts: [{ ...mount, Target: '/bin' }] }), 'mounts'],
    ['a second folder', host({ Mounts: [mount, { ...mount, Source: '/etc' }] }), 'mounts'],
    ['no folder', host({ Mounts: [] }), 'mounts'],
    ['a volume', host({ Mounts: [{ ...mount, Type: 'volume' }] }), 'mounts'],
    [
      'to make the folder of a disk that is away',
      host({
        Mounts: [{ ...mount, BindOptions: { Propagation: 'rprivate', CreateMountpoint: true } }],
      }),
      'mounts',
    ],
    [
      'to spread mounts',
      host({
        Mounts: [{ ...mount, BindOptions: { Propagation: 'shared', CreateMountpoint: false } }],
      }),
      'mounts',
    ],
    [
      'to look and write',
      { ...look, HostConfig: { ...look.HostConfig, Mounts: [{ ...machine, ReadOnly: false }] } },
      'mounts',
    ],
    ['to look at what climbs', { ...look, Cmd: ['/srv/../etc'] }, 'exec'],
    [
      'to look at the machine by another script',
      { ...make, HostConfig: look.HostConfig },
      'mounts',
    ],
    ['to start again', host({ RestartPolicy: { Name: 'always' } }), 'limits'],
    ['swap', host({ MemorySwap: 2 ** 40 }), 'limits'],
  ])('%s', (_what, payload, rule) => {
    expect(judgePoolHelper(payload, scope)).toMatchObject({ rule });
  });

  test.each(['/etc', '/', '/var/lib/docker/volumes', '/srv/../etc'])(
    'the folder %s, even if it was given',
    (folder) => {
      const payload = good({ do: 'make', path: folder, volume });
      expect(judgePoolHelper(payload, { ...scope, folder })).toMatchObject({ rule: 'mounts' });
    },
  );
});
