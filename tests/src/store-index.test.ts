import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchFolder } from '@cep/apps/stores/from-folder';
import { readStore } from '@cep/apps/stores/read-store';
import { signStore } from '@cep/cli/stores/sign';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const compose = (id: string, image: string) =>
  `x-cep: {schemaVersion: 1, id: ${id}, name: ${id}, version: "1", revision: 1, summary: x, categories: [tests]}\nservices: {web: {image: "${image}"}}\n`;

describe('a store that is signed', () => {
  let folder: string;
  let store: string;
  let key: string;
  const put = async (id: string, image = 'x') => {
    await mkdir(join(store, 'apps', id), { recursive: true });
    await writeFile(join(store, 'apps', id, 'compose.yaml'), compose(id, image));
  };
  /** What a server makes of it that saw the index with this serial. */
  const read = async (serial: number, publicKey: string) => {
    const { files } = await fetchFolder(store);
    return readStore(files, { name: 'mine', key: publicKey, serial });
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-sign-'));
    store = join(folder, 'store');
    key = join(folder, 'store.pem');
    await put('wiki');
    await put('blog');
    await writeFile(join(store, 'apps', 'blog', 'README.md'), 'A blog.');
    await writeFile(join(store, 'apps', 'blog', 'notes.txt'), 'not looked at');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is taken as it was signed; each change has a higher serial', async () => {
    const first = await signStore(store, key);
    expect(first).toMatchObject({ serial: 1, files: 3 });
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect(await signStore(store, key)).toEqual(first);
    expect((await read(0, first.key)).templates.map(({ id }) => id).sort()).toEqual([
      'blog',
      'wiki',
    ]);

    await put('wiki', 'changed');
    const { templates, warnings } = await read(1, first.key);
    expect(templates.map(({ id }) => id)).toEqual(['blog']);
    expect(warnings).toEqual([expect.stringContaining('is not as the key signed it')]);

    const second = await signStore(store, key);
    expect(second).toEqual({ ...first, serial: 2 });
    expect(await read(2, first.key)).toMatchObject({ serial: 2, warnings: [] });
    await expect(read(3, first.key)).rejects.toThrow('older');
  });

  test('keeps its key to itself, and takes no other kind', async () => {
    await expect(signStore(store, join(store, 'store.pem'))).rejects.toThrow('keep it elsewhere');
    const other = join(folder, 'other.pem');
    await writeFile(other, 'nonsense');
    await expect(signStore(store, other)).rejects.toThrow('no Ed25519 private key');
    expect(await readFile(other, 'utf8')).toBe('nonsense');
    await expect(signStore(folder, key)).rejects.toThrow('no templates');
  });

  test('is not signed with a serial that nobody knows', async () => {
    await writeFile(join(store, 'index.json'), '{}');
    await expect(signStore(store, key)).rejects.toThrow('is no index');
  });
});
