import { chmod, lchown, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { unprivilegedAccount } from './account.ts';
import { startPostgres } from './postgres.ts';

// The first start makes the data.
jest.setTimeout(60_000);

requires('namespaces')('the database, started by root', () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'cep-postgres-'));
  });
  afterAll(() => rm(home, { recursive: true }));

  test('has the data, and cannot lead root elsewhere from where that writes', async () => {
    const folder = join(home, 'postgres');
    const victim = join(home, 'victim');
    const { uid = 0, gid = 0 } = await unprivilegedAccount();
    await writeFile(victim, 'kept');
    const start = async () => (await startPostgres(folder, 'a-password')).stop();
    await chmod(home, 0o711);
    await start();

    // As earlier versions left it: a folder of the account's, in which it can do what it likes.
    await lchown(folder, uid, gid);
    await rm(join(folder, 'postgres.log'));
    await symlink(victim, join(folder, 'postgres.log'));
    await start();

    expect(await readFile(victim, 'utf8')).toBe('kept');
    const of = async (path: string) => {
      const { uid: owner, mode } = await stat(path);
      return [owner, mode & 0o777];
    };
    expect(await of(folder)).toEqual([0, 0o711]);
    expect(await of(join(folder, 'data'))).toEqual([uid, 0o700]);
    expect(await of(join(folder, 'postgres.log'))).toEqual([0, 0o600]);
  });
});
