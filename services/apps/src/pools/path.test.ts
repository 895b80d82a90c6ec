import { posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isNeverGiven } from '../engine/policy/mounts.ts';
import { readPath, wayTo } from './path.ts';

const DOCKER = '/data/docker';
const read = (path: string) => readPath(path, DOCKER);

test('a plain path below the folders of the system is taken as it is', () => {
  expect(read('/srv/fast')).toBe('/srv/fast');
  expect(read('/srv/fast/')).toBe('/srv/fast');
  expect(read('/mnt/disk-1/cep.pool')).toBe('/mnt/disk-1/cep.pool');
});

describe('is refused', () => {
  test.each([
    ...['', '/', '.', 'srv/fast', '~/fast', '/srv/../etc', '/srv/./fast', '/srv//fast', '//srv'],
    ...[
      '/etc',
      '/etc/pool',
      '/var',
      '/var/lib/docker/volumes/x',
      '/root/pool',
      '/run/x',
      '/dev/shm',
    ],
    ...['/data', DOCKER, `${DOCKER}/volumes`, '/usr/local/pool', '/proc/1/root', '/sys/x'],
    ...[
      '/srv/a b',
      '/srv/a\nb',
      '/srv/a\0b',
      '/srv/$(id)',
      '/srv/a;b',
      '/srv/*',
      `/srv/${'a'.repeat(300)}`,
    ],
    ...['/srv/ä', '/srv/a:b', '/srv/a,b', '/srv/..', '/srv/fast//'],
  ])('%j', (path) => {
    expect(() => read(path)).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});

const part = fc.constantFrom('..', '.', '', 'srv', 'etc', 'var', 'lib', 'data', 'docker', 'a', 'b');
const paths = fc.array(part, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);

test('whatever is taken is normal, and neither in nor around what is never given', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        paths,
        fc.string(),
        fc.string().map((text) => `/srv/${text}`),
      ),
      (text) => {
        let path: string;
        try {
          path = read(text);
        } catch {
          return;
        }
        expect(posix.normalize(path)).toBe(path);
        expect(path).not.toMatch(/\/$/);
        expect(isNeverGiven(path)).toBe(false);
        expect(`${path}/`.startsWith(`${DOCKER}/`) || `${DOCKER}/`.startsWith(`${path}/`)).toBe(
          false,
        );
        expect(read(path)).toBe(path);
        expect(wayTo(path).at(-1)).toBe(path);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('the way to a path has every folder above it, from the root on', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 }),
      (parts) => {
        const way = wayTo(`/${parts.join('/')}`);
        expect(way).toHaveLength(parts.length + 1);
        expect(way[0]).toBe('/');
        for (const [index, each] of way.entries()) {
          if (index > 0) expect(posix.dirname(each)).toBe(way[index - 1]);
        }
      },
    ),
  );
});
