import { describe, expect, test } from '@jest/globals';
import { reasonOf, takenPort } from './failures.ts';

const http = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), { statusCode });

const pull = { do: 'pull', image: 'redis:7' } as const;
const start = { do: 'start', name: 'c' } as const;
const OCI =
  'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const PORTS = 'driver failed programming external connectivity on endpoint x (1f): ';

describe('what the engine says becomes a reason', () => {
  test.each([
    ['engine-unavailable', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), start],
    ['engine-unavailable', Object.assign(new Error('connect'), { code: 'ENOENT' }), pull],
    ['image-not-found', http(404, 'manifest for redis:7 not found: manifest unknown'), pull],
    ['image-not-found', http(404, 'pull access denied for redis, repository does not exist'), pull],
    ['pull-failed', http(500, 'Get "https://registry/v2/": dial tcp: i/o timeout'), pull],
    ['pull-failed', new Error('the pull hangs'), pull],
    ['no-space', new Error('write /var/lib/docker/tmp/x: no space left on device'), pull],
    [
      'port-taken',
      http(500, `${PORTS}Bind for 127.0.0.1:6379 failed: port is already allocated`),
      start,
    ],
    [
      'port-taken',
      http(500, `${PORTS}listen tcp4 127.0.0.1:6379: bind: address already in use`),
      start,
    ],
    [
      'address-missing',
      http(500, `${PORTS}listen tcp4 10.42.0.2:6379: bind: cannot assign requested address`),
      start,
    ],
    [
      'program-not-found',
      http(400, `${OCI}exec: "x y": executable file not found in $PATH: unknown`),
      start,
    ],
    [
      'program-not-found',
      http(400, `${OCI}exec: "/run.sh": stat /run.sh: no such file or directory: unknown`),
      start,
    ],
    ['failed', http(400, `${OCI}error mounting "/x" to rootfs: no such device: unknown`), start],
  ])('%s', (code, error, action) => {
    const { message, ...reason } = reasonOf(error, action);
    expect(reason.code).toBe(code);
    expect(reason.next).toMatch(/\.$/);
    expect(message).not.toContain('HTTP code');
  });

  test.each([
    'Bind for 127.0.0.1:6379 failed: port is already allocated',
    'listen tcp4 127.0.0.1:6379: bind: address already in use',
  ])('the port is read from "%s"', (message) => {
    expect(takenPort(new Error(PORTS + message))).toBe(6379);
  });
});
