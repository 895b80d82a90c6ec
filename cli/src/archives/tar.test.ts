import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packTar, type TarHeader } from 'modern-tar';
import { LARGEST_BYTES, packTexts, unpackTexts } from './tar.ts';

const file = (name: string, body = 'x', more: Partial<TarHeader> = {}) => ({
  header: { name, size: Buffer.byteLength(body), ...more },
  body,
});
const packed = async (...entries: Parameters<typeof packTar>[0]) =>
  gzipSync(await packTar(entries));

test('what was packed comes back', async () => {
  const texts = { 'config.yml': 'pki:\n', 'host.key': 'ключ', 'empty.txt': '' };

  expect(await unpackTexts(await packTexts('home-phone', texts))).toEqual(texts);
});

describe('unpacking refuses', () => {
  test.each([
    ['a way up', [file('../x/evil')]],
    ['a way up in the middle', [file('a/../../evil')]],
    ['a folder that is a way up', [file('../evil')]],
    ['an absolute path', [file('/etc/passwd')]],
    ['a folder in the folder', [file('a/b/c')]],
    ['no folder', [file('config.yml')]],
    ['two folders', [file('a/x'), file('b/x')]],
    ['one file twice', [file('a/x', '1'), file('a/x', '2')]],
    ['a hidden file', [file('a/.ssh')]],
    ['a backslash', [file('a/..\\..\\evil')]],
    ['a line break', [file('a/x\ny')]],
    [
      'a symbolic link',
      [{ header: { name: 'a/x', size: 0, type: 'symlink', linkname: '/etc/shadow' } }],
    ],
    ['a hard link', [{ header: { name: 'a/x', size: 0, type: 'link', linkname: '/etc/shadow' } }]],
    ['a device', [{ header: { name: 'a/x', size: 0, type: 'character-device' } }]],
    ['a pipe', [{ header: { name: 'a/x', size: 0, type: 'fifo' } }]],
    ['a long name that leads up', [file(`a/${'../'.repeat(60)}etc/passwd`)]],
  ] satisfies [string, Parameters<typeof packTar>[0]][])('%s', async (_, entries) => {
    await expect(unpackTexts(await packed(...entries))).rejects.toThrow(/^This is not an archive/);
  });

  test('what is too large: packed, unpacked, or only said to be', async () => {
    const bomb = await packed(file('a/x', '0'.repeat(LARGEST_BYTES)));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(unpackTexts(bomb)).rejects.toThrow('too large');
    await expect(unpackTexts(new Uint8Array(LARGEST_BYTES + 1))).rejects.toThrow('too large');

    const lies = Buffer.from(await packTar([file('a/x')]));
    lies.write('77777777777', 124);
    const sum = lies
      .subarray(0, 512)
      .reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
    lies.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    await expect(unpackTexts(gzipSync(lies))).rejects.toThrow('too large');
  });

  test('bytes of any kind, and archives of which any part was changed', async () => {
    const good = Buffer.from(
      await packTar([file('a/manifest.json', '{"format":1}'), file('a/host.key', 'KEY')]),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 2_000 }),
          fc.uint8Array({ maxLength: 2_000 }).map((bytes) => gzipSync(bytes)),
          fc.nat(good.length - 1).map((end) => gzipSync(good.subarray(0, end))),
          fc.tuple(fc.nat(511), fc.nat(255)).map(([at, byte]) => {
            const changed = Buffer.from(good);
            changed[at] = byte;
            return gzipSync(changed);
          }),
        ),
        async (bytes) => {
          const outcome = await unpackTexts(bytes).catch((error: Error) => error.message);
          if (typeof outcome === 'string') expect(outcome).toMatch(/^This is not an archive/);
          else for (const name of Object.keys(outcome)) expect(name).toMatch(/^[\w-][\w.-]*$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
