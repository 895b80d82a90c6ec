import { describe, expect, test } from '@jest/globals';
import {
  failureOf,
  isInVain,
  isThere,
  percentOf,
  savedOf,
  snapshotsIn,
  wasKilled,
} from './outcome.ts';

const ended = (exitCode: number, ...lines: string[]) => ({ exitCode, outOfMemory: false, lines });
const status = '{"message_type":"status","percent_done":0.456,"total_files":3}';
const summary =
  '{"message_type":"summary","files_new":1,"data_added":12,"total_bytes_processed":34,"snapshot_id":"5e0c71aa"}';

test('what was saved is in the summary, whatever else is printed', () => {
  const saved = { snapshot: '5e0c71aa', sizeBytes: 34, addedBytes: 12 };

  expect(savedOf(ended(0, status, 'words', '{broken', summary, ''))).toEqual(saved);
  expect(savedOf(ended(0, status))).toBeUndefined();
});

test('how far it is is in the last status', () => {
  expect(percentOf([status])).toBe(45);
  expect(percentOf(['words'])).toBeUndefined();
});

test('a repository that is there is as good as one that was made', () => {
  expect(
    isThere(ended(1, 'Fatal: create repository at /x failed: config file already exists')),
  ).toBe(true);
  expect(isThere(ended(1, 'Fatal: create repository at /x failed: permission denied'))).toBe(false);
});

test.each([
  ['Save(<data/5e0c71aa>) returned error, retrying after 5s: no space left on device', true],
  ['Save(<data/5e0c71aa>) returned error, retrying after 5s: connection reset', false],
  [status.replace('}', ',"current_files":["no space left on device"]}'), false],
])('of %s it is said whether going on is in vain: %s', (line, inVain) => {
  expect(isInVain([status, line, status])).toBe(inVain);
});

test.each([
  [137, false, true],
  [143, false, true],
  [255, false, true],
  [137, true, false],
  [1, false, false],
  [0, false, false],
])('with code %d, and out of memory: %s, it was killed from outside: %s', (code, out, killed) => {
  expect(wasKilled({ exitCode: code, outOfMemory: out, lines: [] })).toBe(killed);
});

describe('a failure', () => {
  test.each([
    ['Fatal: wrong password or no key found', 'wrong-password'],
    ['write /repositories/x: no space left on device', 'no-space'],
    ['Fatal: unable to open config file: stat config: no such file', 'target-unreachable'],
    [
      'client.BucketExists: dial tcp 10.0.0.1:9000: connect: connection refused',
      'target-unreachable',
    ],
    ['Fatal: The request signature we calculated: SignatureDoesNotMatch', 'target-unreachable'],
    [
      'Stat: The request signature we calculated does not match the signature you',
      'target-unreachable',
    ],
    ['mkdir /repositories/x: read-only file system', 'target-unreachable'],
    ['Fatal: repository contains errors: Pack ID does not match, want a, got b', 'backup-damaged'],
    ['ciphertext verification failed', 'backup-damaged'],
    ['something else', 'backup-failed'],
  ])('"%s" is told as %s, in its own words and with a next step', (line, code) => {
    const failure = failureOf(ended(1, status, line), 'disk');

    expect(failure).toMatchObject({ code, message: expect.stringContaining(line) });
    expect(failure.message).not.toContain('message_type');
    expect(failure.next).not.toBe('');
  });

  test('of some files names them', () => {
    const error =
      '{"message_type":"error","error":{"message":"open: input/output error"},"during":"archival","item":"/data/volumes/data/x"}';

    expect(failureOf(ended(3, error, summary), 'disk').message).toBe(
      'Some files could not be read.\n/data/volumes/data/x: open: input/output error',
    );
  });

  test('of memory is told so', () => {
    expect(failureOf({ ...ended(137), outOfMemory: true }, 'disk').code).toBe('out-of-memory');
  });
});

test('snapshots are found in a list for people, and nothing else of it', () => {
  const lines = [
    'repository 4b8a6f1d opened (version 2, compression level auto)',
    'ID        Time                 Host        Tags',
    '-----------------------------------------------------',
    '1f3a9c2b  2026-01-02 03:04:05  cep         wiki-5e0c71aa',
    '5e0c71aa  2026-01-02 03:09:05  cep         wiki-5e0c71aa  12.000 MiB',
    '-----------------------------------------------------',
    '2 snapshots',
  ];

  expect(snapshotsIn({ lines })).toEqual(['1f3a9c2b', '5e0c71aa']);
});
