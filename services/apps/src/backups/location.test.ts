import { describe, expect, test } from '@jest/globals';
import { readLocation } from './location.ts';

test.each([
  ['/srv/backups', { kind: 'folder', at: '/srv/backups' }],
  ['/srv/backups/', { kind: 'folder', at: '/srv/backups' }],
  ['/mnt/disk 1'.replace(' ', '-'), { kind: 'folder', at: '/mnt/disk-1' }],
  ['s3:https://s3.example.com/bucket', { kind: 's3', at: 's3:https://s3.example.com/bucket' }],
  ['s3:https://S3.example.com/b/cep/', { kind: 's3', at: 's3:https://s3.example.com/b/cep' }],
  ['s3:http://10.0.0.1:9000/b', { kind: 's3', at: 's3:http://10.0.0.1:9000/b' }],
])('%s is %j', (text, location) => {
  expect(readLocation(text)).toEqual(location);
});

describe('refuses', () => {
  test.each([
    ...['/', '/etc', '/etc/x', '/var/lib/docker/volumes', '/var', '/usr/local', '/run/x', '/proc'],
    ...['/srv/../etc', '/srv/./x', '/srv//x', 'srv/backups', './x', '/srv/a\0b', '/srv/a b', ''],
    ...['https://s3.example.com/bucket', 's3:ftp://s3.example.com/b', 's3:s3.example.com/bucket'],
    ...['s3:https://key:secret@s3.example.com/b', 's3:https://s3.example.com', 'sftp:me@host:/x'],
    ...['s3:https://s3.example.com/b?x=1', 's3:https://s3.example.com/b#x', 's3:https://h/..%2f'],
  ])('%j', (text) => {
    expect(() => readLocation(text)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });

  test('keys in a URL, without repeating them', () => {
    expect(() => readLocation('s3:https://key:Xq7Long@s3.example.com/b')).toThrow(
      /^(?!.*Xq7Long)/s,
    );
  });
});
