import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { unpackTar } from 'modern-tar';
import { archiveOf, contentIn } from './archive.ts';

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

test('what files hold is read one after the other, and never out of order', async () => {
  const piece = (name: string, content: string) => ({
    ...{ target: `/dumps/${name}`, content: Buffer.from(content) },
    ...{ mode: 0o400, uid: 0, gid: 0 },
  });
  const read = async (...files: ReturnType<typeof piece>[]) => {
    const parts: Uint8Array[] = [];
    const archive = Readable.from([await archiveOf(files)]);
    for await (const part of contentIn(archive)) parts.push(part);
    return Buffer.concat(parts).toString();
  };

  expect(await read(piece('0', 'one '), piece('1', ''), piece('2', 'two'))).toBe('one two');
  await expect(read(piece('1', 'two'), piece('0', 'one'))).rejects.toThrow('comes after');
});
