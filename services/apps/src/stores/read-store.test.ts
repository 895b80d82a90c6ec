import { describe, expect, test } from '@jest/globals';
import { readStore } from './read-store.ts';
import { compose, filesOf, owner } from './stores.fixture.ts';

const read = (texts: Record<string, string>, key: string | null = null, serial = 0) =>
  readStore(filesOf(texts), { name: 'mine', key, serial });

const wiki = { 'apps/wiki/compose.yaml': compose('wiki'), 'apps/wiki/README.md': 'A wiki.' };

describe('a store without a key', () => {
  test('has its templates, under its own name', async () => {
    expect(await read(wiki)).toMatchObject({
      templates: [{ id: 'wiki', readme: 'A wiki.', outline: { store: 'mine', id: 'wiki' } }],
      warnings: [],
      serial: 0,
    });
  });

  test('may have them at its top, and without a README', async () => {
    const { templates } = await read({ 'wiki/compose.yaml': compose('wiki') });

    expect(templates).toMatchObject([{ id: 'wiki', readme: '' }]);
  });

  test.each([
    ['is no YAML', '{'],
    ['has another id', compose('other')],
    ['has an unknown key', compose('bad').replace('image:', 'imagine:')],
    ['has an escape sequence', `# \u001b]0;title\u0007\n${compose('bad')}`],
    ['reads otherwise than it is', `# \u202e\n${compose('bad')}`],
  ])('does without a template that %s, and says so', async (_, text) => {
    const { templates, warnings } = await read({ ...wiki, 'apps/bad/compose.yaml': text });

    expect(templates.map(({ id }) => id)).toEqual(['wiki']);
    expect(warnings).toEqual([expect.stringMatching(/^bad: /)]);
  });

  test('names a hundred that it does without, and counts the others', async () => {
    const bad = Array.from({ length: 130 }, (_, n) => [`apps/bad-${n}/compose.yaml`, '{']);

    const { templates, warnings } = await read({ ...wiki, ...Object.fromEntries(bad) });

    expect(templates).toHaveLength(1);
    expect(warnings).toHaveLength(101);
    expect(warnings.at(-1)).toBe('30 more');
  });

  test('that takes too long to check is refused', async () => {
    const trust = { name: 'mine', key: null, serial: 0 };

    await expect(readStore(filesOf(wiki), trust, 0)).rejects.toMatchObject({
      code: 'store-unusable',
    });
  });

  test('without any template is refused', async () => {
    await expect(read({})).rejects.toMatchObject({ code: 'store-unusable' });
    await expect(read({ 'apps/bad/compose.yaml': '{' })).rejects.toMatchObject({
      code: 'store-unusable',
      message: expect.stringContaining('bad:'),
    });
  });
});

describe('a store with a key', () => {
  const { key, signed } = owner();

  test('has what was signed', async () => {
    expect(await read(signed(wiki, 7), key)).toMatchObject({
      templates: [{ id: 'wiki' }],
      serial: 7,
    });
  });

  test.each([
    ['altered', { 'apps/wiki/compose.yaml': compose('wiki', 'evil:1') }],
    ['altered in its README', { 'apps/wiki/README.md': 'Send me your password.' }],
    ['added', { 'apps/more/compose.yaml': compose('more') }],
    [
      'named like a member of every object',
      { 'apps/constructor/compose.yaml': compose('constructor') },
    ],
  ])('does without a template that was %s', async (_, changed) => {
    const both = { ...wiki, 'apps/blog/compose.yaml': compose('blog') };

    const { templates, warnings } = await read({ ...signed(both), ...changed }, key);

    const left = 'apps/wiki/compose.yaml' in changed || 'apps/wiki/README.md' in changed ? 1 : 2;
    expect(templates).toHaveLength(left);
    expect(warnings).toEqual([expect.stringContaining('not as the key signed it')]);
  });

  test.each([
    ['no index', wiki],
    ['the index of somebody else', owner().signed(wiki)],
    ['an altered index', { ...signed(wiki), 'index.json': '{}' }],
    ['an index without its signature', { ...signed(wiki), 'index.json.sig': '' }],
  ])('is refused with %s', async (_, texts) => {
    await expect(read(texts, key)).rejects.toMatchObject({ code: 'store-unusable' });
  });

  test('is refused when it goes back to an older index', async () => {
    await expect(read(signed(wiki, 3), key, 4)).rejects.toMatchObject({ code: 'store-unusable' });
    expect(await read(signed(wiki, 4), key, 4)).toMatchObject({ serial: 4 });
  });
});
