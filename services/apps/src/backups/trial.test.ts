import { expect, test } from '@jest/globals';
import { ENDS, type Place } from '../engine/target-payload.ts';
import { flawOf, type Result, triedOf } from './trial.ts';

const folder: Place = { kind: 'folder', at: '/srv/backups' };
const bucket: Place = { kind: 's3', at: 's3:https://s3.example.com/bucket' };
const ended = (exitCode: number, ...lines: string[]): Result => ({
  ...{ exitCode, lines, outOfMemory: false },
});

test.each<[string, Place, Result, RegExp]>([
  ['no folder', folder, 'no folder', /no folder \/srv\/backups .*mkdir -p \/srv\/backups/],
  ['a file', folder, ended(ENDS.noFolder), /no folder \/srv\/backups/],
  [
    'a full disk',
    folder,
    ended(1, "dd: error writing '.cep-check': No space left on device"),
    /no space left\. Free/,
  ],
  [
    'a quota',
    folder,
    ended(1, "dd: error writing '.cep-check': Disk quota exceeded"),
    /no space left\. Free/,
  ],
  [
    'a disk that is read',
    folder,
    ended(1, "dd: can't open '.cep-check': Read-only file system"),
    /cannot be written on the machine that runs the apps\. See how it is mounted/,
  ],
  ['a disk that hangs', folder, 'late', /did not answer .*See its disk; .*--no-check/],
  [
    'no bucket',
    bucket,
    ended(
      ENDS.noBucket,
      'Fatal: unable to open config file: Stat: The specified bucket does not exist',
    ),
    /no such bucket: s3:https:\/\/s3\.example\.com\/bucket\. Make it/,
  ],
  [
    'an unknown key',
    bucket,
    ended(
      1,
      'client.BucketExists: The AWS Access Key Id you provided does not exist in our records.',
    ),
    /key is refused .*its id and its secret/,
  ],
  [
    'a wrong secret',
    bucket,
    ended(1, 'The request signature we calculated does not match the signature you provided.'),
    /key is refused/,
  ],
  [
    'a key that may only read',
    bucket,
    ended(1, 'Fatal: create key: Access Denied.'),
    /may list, read, write/,
  ],
  [
    'no such host',
    bucket,
    ended(1, 'Fatal: Get "https://s3.example.com": dial tcp: lookup s3.example.com: no such host'),
    /host of .* is not reached from the machine that runs the apps/,
  ],
  [
    'a certificate of nobody',
    bucket,
    ended(1, 'Fatal: Get "https://x": x509: certificate signed by unknown authority'),
    /not reached .*x509/s,
  ],
  [
    'what nobody knows',
    bucket,
    ended(7, 'Fatal: so it is'),
    /ended with code 7\.[^]*\nFatal: so it is$/,
  ],
])('%s is told, with what to do', (_what, place, result, words) => {
  expect(flawOf(result, place, 'local')).toMatch(words);
});

test('another engine is named', () => {
  expect(flawOf('no folder', folder, 'barn')).toContain('on the machine of "barn"');
});

test('what can be written has no flaw, and of a folder it is told what is free', () => {
  const line = '/dev/sdb1 10000000 4000000 5500000 43% /repositories';

  expect(flawOf(ended(0, line), folder, 'local')).toBeUndefined();
  expect(triedOf(ended(0, '1+0 records in', line))).toEqual({ freeBytes: 5_632_000_000 });
  expect(triedOf(ended(0))).toEqual({ freeBytes: null });
});
