import { describe, expect, test } from '@jest/globals';
import { helperPayload } from '../helper-payload.ts';
import { LABELS } from '../labels.ts';
import { type HelperScope, judgeHelper, judgePiece } from './helper.ts';

const app = { id: '1f3a9c2b-0000-4000-8000-000000000000', name: 'web', generation: 0 };
const network = 'cep-web-1f3a9c2b';
const scope: HelperScope = {
  ...{ instance: 'aaaa', appId: app.id, network, image: 'restic/restic:0.18.1' },
  ...{ folder: '/srv/backups', readable: [`${network}-data`], writable: [`${network}-data-r1`] },
};
const good = (readOnly = true) =>
  helperPayload({
    ...{ app, owner: { instance: 'aaaa', projectId: 'bbbb' }, image: scope.image },
    command: [
      'backup',
      '--json',
      '--host=cep',
      '--tag=web-1',
      '--exclude=/data/volumes/a b*',
      '/data',
    ],
    environment: {
      RESTIC_REPOSITORY: '/repositories/web-1f3a9c2b',
      RESTIC_PASSWORD_FILE: '/cep/password',
      RESTIC_PROGRESS_FPS: '1',
    },
    folder: scope.folder,
    volumes: [{ name: `${network}-data${readOnly ? '' : '-r1'}`, volume: 'data', readOnly }],
  });
const [volume, folder] = good().HostConfig.Mounts;
const mounts = (...Mounts: unknown[]) => ({ HostConfig: { ...good().HostConfig, Mounts } });
const host = (change: object) => ({ HostConfig: { ...good().HostConfig, ...change } });

test('what cep asks for is allowed, to read and to write what nothing else uses', () => {
  expect(judgeHelper(good(), scope)).toBeUndefined();
  expect(judgeHelper(good(false), scope)).toBeUndefined();
});

test('S3 is reached by Docker’s own network, and no folder', () => {
  const { folder: _none, ...s3 } = scope;
  const payload = helperPayload({
    ...{ app, owner: { instance: 'aaaa', projectId: 'bbbb' }, image: scope.image },
    ...{ command: ['check'], folder: undefined, volumes: [] },
    environment: {
      RESTIC_REPOSITORY: 's3:https://s3.example.com/bucket/web-1f3a9c2b',
      AWS_SHARED_CREDENTIALS_FILE: '/cep/credentials',
    },
  });

  expect(judgeHelper(payload, { ...s3, folder: undefined })).toBeUndefined();
  expect(judgeHelper(payload, scope)).toMatchObject({ rule: 'network' });
});

describe('is refused', () => {
  test.each<[string, object, string]>([
    ['another image', { Image: 'busybox:1' }, 'image'],
    ['another program', { Entrypoint: ['sh'] }, 'exec'],
    ['a command that cep does not use', { Cmd: ['mount', '/mnt'] }, 'exec'],
    ['a backend that runs a program', { Cmd: ['check', '-o', 'sftp.command=sh'] }, 'exec'],
    ['another repository', { Cmd: ['check', '--repo=/x'] }, 'exec'],
    ['a program for the password', { Cmd: ['check', '--password-command=sh'] }, 'exec'],
    ['a password in the environment', { Env: ['RESTIC_PASSWORD=x'] }, 'exec'],
    ['a secret key in the environment', { Env: ['AWS_SECRET_ACCESS_KEY=x'] }, 'exec'],
    ['a password file elsewhere', { Env: ['RESTIC_PASSWORD_FILE=/repositories/x'] }, 'exec'],
    ['a repository that climbs', { Env: ['RESTIC_REPOSITORY=/repositories/../x'] }, 'exec'],
    ['keys in a URL', { Env: ['RESTIC_REPOSITORY=s3:https://a:b@s3.example.com/c'] }, 'exec'],
    ['another user', { User: '1000' }, 'privileges'],
    ['a label of a service', { Labels: { ...good().Labels, [LABELS.service]: 'web' } }, 'labels'],
    ['the label of another app', { Labels: { ...good().Labels, [LABELS.app]: 'x' } }, 'labels'],
    ['no label of a helper', { Labels: { ...good().Labels, [LABELS.helper]: 'x' } }, 'labels'],
    ['ports', { ExposedPorts: {} }, 'unknown-member'],
    ['a health check', { Healthcheck: { Test: ['CMD', 'sh'] } }, 'unknown-member'],
    ['privileges', host({ Privileged: true }), 'unknown-member'],
    ['another capability', host({ CapAdd: ['SYS_ADMIN'] }), 'capabilities'],
    ['to keep capabilities', host({ CapDrop: [], CapAdd: ['ALL'] }), 'capabilities'],
    ['no security options', host({ SecurityOpt: ['seccomp=unconfined'] }), 'privileges'],
    ['the network of the machine', host({ NetworkMode: 'host' }), 'network'],
    ['a network with a folder', host({ NetworkMode: 'bridge' }), 'network'],
    ['devices', host({ Devices: [] }), 'unknown-member'],
    ['binds', host({ Binds: ['/:/x'] }), 'unknown-member'],
    ['to be started again', host({ RestartPolicy: { Name: 'always' } }), 'limits'],
    ['more memory', host({ Memory: 2 ** 40, MemorySwap: 2 ** 40 }), 'limits'],
    ['swap', host({ MemorySwap: 2 ** 40 }), 'limits'],
    ['another folder', mounts({ ...folder, Source: '/srv' }), 'mounts'],
    ['the folder elsewhere', mounts({ ...folder, Target: '/data' }), 'mounts'],
    [
      'to make the folder',
      mounts({ ...folder, BindOptions: { Propagation: 'rprivate', CreateMountpoint: true } }),
      'mounts',
    ],
    [
      'to spread mounts',
      mounts({ ...folder, BindOptions: { Propagation: 'shared', CreateMountpoint: false } }),
      'mounts',
    ],
    ['a volume of another app', mounts({ ...volume, Source: 'cep-other-data' }), 'mounts'],
    ['to write what an app uses', mounts({ ...volume, ReadOnly: false }), 'mounts'],
    ['a volume elsewhere', mounts({ ...volume, Target: '/cep' }), 'mounts'],
    ['a volume that climbs', mounts({ ...volume, Target: '/data/volumes/..' }), 'mounts'],
    ['a temporary file system', mounts({ ...volume, Type: 'tmpfs' }), 'mounts'],
    ['a mount of no kind', mounts('x'), 'wrong-type'],
  ])('%s', (_what, change, rule) => {
    expect(judgeHelper({ ...good(), ...change }, scope)).toMatchObject({ rule });
  });

  test('a folder of the system, even if it was given', () => {
    const system = { ...scope, folder: '/etc/backups' };
    const payload = { ...good(), ...mounts({ ...folder, Source: '/etc/backups' }) };

    expect(judgeHelper(payload, system)).toMatchObject({ rule: 'mounts' });
  });
});

describe('a piece of a dump', () => {
  const helper = 'cep-backup-1f3a9c2b-save';
  const target = '/data/dumps/db/00000000';
  const bytes = Buffer.from('x');

  test('goes into the container that makes a backup', () => {
    expect(judgePiece(helper, target, bytes)).toBeUndefined();
  });

  test.each([
    ['any other container', 'cep-web-1f3a9c2b-web-g1', target],
    ['one that restores', 'cep-backup-1f3a9c2b-fill', target],
    ['any other path', helper, '/cep/password'],
    ['a path that leads away', helper, '/data/dumps/../00000000'],
    ['a path below', helper, '/data/dumps/db/x/00000000'],
  ])('does not go into %s', (_what, container, path) => {
    expect(judgePiece(container, path, bytes)?.rule).toBe('mounts');
  });

  test('is of at most 16 MiB', () => {
    expect(judgePiece(helper, target, Buffer.alloc(16 * 2 ** 20 + 1))?.rule).toBe('limits');
  });
});
