import { expect, test } from '@jest/globals';
import { unpackTar } from 'modern-tar';
import { archiveOf } from './archive.ts';

test('files are at their paths, as whose and with what mode they are to be', async () => {
  const file = { target: '/etc/own.conf', content: 'ö\n', mode: 0o440, uid: 1000, gid: 2000 };
  const long = { ...file, target: `/${'deep/'.repeat(40)}name`, content: '' };

  const archive = await archiveOf([file, long]);
  const entries = await unpackTar(archive);

  expect(entries.map(({ header }) => header)).toMatchObject([
    { name: 'etc/own.conf', mode: 0o440, uid: 1000, gid: 2000, size: 3 },
    { name: long.target.slice(1) },
  ]);
  expect(await archiveOf([file, long])).toEqual(archive);
});
