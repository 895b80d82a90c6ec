import { describe, expect, test } from '@jest/globals';
import type { Service } from '../../compose/model.ts';
import { bareService } from '../../compose/service.fixture.ts';
import { KINDS, recognise } from './kinds.ts';
import { assertDumps, dumpsOf, excludesOf, undumped } from './read.ts';

const volume = (name: string, target: string, readOnly = false) => ({
  ...{ kind: 'volume' as const, volume: name, target, readOnly },
});
const made = (name: string, image: string, ...mounts: Service['mounts']): Service =>
  bareService({ name, image, mounts });
const db = made('db', 'postgres:17', volume('data', '/var/lib/postgresql/data'));
const web = made('web', 'wiki:1', volume('files', '/srv'));
const app = { services: [db, web], volumes: ['data', 'files'] };
const volumes = app.volumes;
const DUMP = { service: 'db', kind: 'postgres', instead: ['data'] };

test.each([
  ['postgres:17', 'postgres'],
  ['registry.example:5000/team/pgvector:pg17', 'postgres'],
  [`docker.io/library/mariadb@sha256:${'0'.repeat(64)}`, 'mariadb'],
  ['mysql', 'mysql'],
  ['mongo:8', 'mongo'],
  ['valkey/valkey:8-alpine', 'redis'],
  ['postgres-exporter:1', undefined],
  ['constructor', undefined],
])('%s is known as %s', (image, kind) => {
  expect(recognise(image)).toBe(kind);
});

describe('a dump', () => {
  test('is made of a database that is known by its image, in place of its own volumes', () => {
    expect(dumpsOf({ app, volumes, declared: undefined })).toEqual([DUMP]);
  });

  test('is not made of what is not backed up, nor of what says none', () => {
    expect(dumpsOf({ app, volumes: ['files'], declared: undefined })).toEqual([]);
    expect(dumpsOf({ app, volumes, declared: { db: 'none' } })).toEqual([]);
  });

  test('does not stand for a volume that others have too', () => {
    const both = { services: [db, made('web', 'wiki:1', volume('data', '/data', true))] };

    expect(dumpsOf({ app: both, volumes, declared: undefined })).toEqual([]);
  });

  test('by programs of its own stands for its volumes, and has nothing of the programs', () => {
    const declared = { web: { dump: ['./dump', 'secret'], load: ['./load'] }, db: 'none' };

    expect(dumpsOf({ app, volumes, declared })).toEqual([
      { service: 'web', kind: 'own', instead: ['files'] },
    ]);
  });

  test('of SQLite stands for its file alone, which is not copied', () => {
    const declared = { web: 'sqlite:/srv/db/app.db', db: 'none' };
    const dumps = dumpsOf({ app, volumes, declared });

    expect(dumps).toEqual([
      { service: 'web', kind: 'sqlite', path: '/srv/db/app.db', instead: [] },
    ]);
    expect(excludesOf(dumps, app, volumes)).toEqual([
      'files/db/app.db',
      'files/db/app.db-wal',
      'files/db/app.db-shm',
      'files/db/app.db-journal',
      'files/db/app.db.cep-dump',
      'files/db/app.db.cep-dump-*',
    ]);
  });

  test.each([
    [{ other: 'postgres' }, 'which is no service'],
    [{ web: 'sqlite:/other/app.db' }, '/other/app.db is in no volume'],
    [{ web: 'sqlite:/srvapp.db' }, 'is in no volume'],
  ])('that there cannot be is refused: %j', (declared, why) => {
    expect(() => assertDumps(declared, app)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(why) }),
    );
  });

  test('of a service without a volume of its own is refused', () => {
    const bare = { ...app, services: [made('db', 'postgres:17'), web] };

    expect(() => assertDumps({ db: 'postgres' }, bare)).toThrow(/no volume of its own/);
    expect(dumpsOf({ app: bare, volumes, declared: undefined })).toEqual([]);
  });
});

describe('a database that cep cannot dump', () => {
  const other = made('db', 'influxdb:2', volume('data', '/data'));
  test('is known by its image or its role', () => {
    const one = { services: [other] };
    const byRole = { services: [{ ...other, image: 'own:1', role: 'database' as const }] };

    expect(undumped({ app: one, volumes, declared: undefined })).toEqual(['db']);
    expect(undumped({ app: byRole, volumes, declared: undefined })).toEqual(['db']);
    expect(undumped({ app, volumes, declared: undefined })).toEqual([]);
  });

  test('is no matter where its files are not backed up, or may be copied as they are', () => {
    const one = { services: [other] };

    expect(undumped({ app: one, volumes: [], declared: undefined })).toEqual([]);
    expect(undumped({ app: one, volumes, declared: { db: 'none' } })).toEqual([]);
  });
});

describe('what is printed is whole', () => {
  const seen = (text: string | Buffer) => {
    const all = Buffer.from(text as string, 'latin1');
    return { bytes: all.length, head: all.subarray(0, 512), tail: all.subarray(-512) };
  };
  const sql = '-- Dump completed on 2026-01-01\n-- cep: complete\n';
  const header = (pages: number) => {
    const page = Buffer.alloc(1024);
    page.write('SQLite format 3\0', 'latin1');
    page.writeUInt16BE(1024, 16);
    page.writeUInt32BE(pages, 28);
    return page;
  };
  const file = (pages: number) =>
    Buffer.concat([Buffer.from('7:8 640\n'), header(pages), Buffer.alloc(1024)]);
  const rdb = Buffer.concat([
    Buffer.from('yes\n/data\ndump.rdb\nappendonly.aof\nappendonlydir\nREDIS0011…', 'latin1'),
    Buffer.from([0xff, 1, 2, 3, 4, 5, 6, 7, 8]),
  ]);
  const archive = Buffer.from('6de2998100000000ffffffff', 'hex');

  test.each([
    ['postgres', Buffer.from('create table t ();\n-- cep: complete\n')],
    ['mariadb', Buffer.from(sql)],
    ['mysql', Buffer.from(sql)],
    ['redis', rdb],
    ['sqlite', file(2)],
    ['mongo', archive],
  ] as const)('by %s, and nothing less is', (kind, whole) => {
    const { isWhole } = KINDS[kind];

    expect(isWhole(seen(whole))).toBe(true);
    expect(isWhole(seen(whole.subarray(0, -2)))).toBe(false);
    expect(isWhole(seen(Buffer.alloc(0)))).toBe(false);
  });

  test('by mysqldump, which says so itself', () => {
    expect(KINDS.mysql.isWhole(seen('-- cep: complete\n'))).toBe(false);
  });

  test('by Redis, also with the digits at its end by which it is known', () => {
    const marked = (end: string) => seen(Buffer.concat([rdb, Buffer.from(end)]));

    expect(KINDS.redis.isWhole(marked('a1'.repeat(20)))).toBe(true);
    expect(KINDS.redis.isWhole(marked('a1'.repeat(19)))).toBe(false);
  });

  test('by SQLite, of as many pages as it has', () => {
    expect(KINDS.sqlite.isWhole(seen(file(3)))).toBe(false);
  });
});
