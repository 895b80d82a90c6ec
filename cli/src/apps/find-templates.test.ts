import { expect, test } from '@jest/globals';
import { isInCategory, searchTemplates } from './find-templates.ts';

const template = (id: string, summary: string, categories: string[], tags: string[] = []) => ({
  ...{
    store: 'cep',
    id,
    name: id.toUpperCase(),
    version: '1',
    summary,
    categories,
    tags,
    enabled: true,
  },
});
const all = [
  template('files', 'Keeps photos and more', ['files'], ['sync']),
  template('photos', 'Shows pictures', ['media']),
  template('redis', 'Key-value store', ['databases'], ['cache']),
];
const found = (text: string) => searchTemplates(all, text).map(({ id }) => id);

test.each([
  ['photo', ['photos', 'files']],
  ['PHOTOS', ['photos', 'files']],
  ['cache', ['redis']],
  ['store key', ['redis']],
  ['databases', ['redis']],
  ['photos cache', []],
])('%j finds %j', (text, ids) => {
  expect(found(text)).toEqual(ids);
});

test('a category is a word of the template, in any case', () => {
  expect(all.filter((each) => isInCategory(each, 'Media')).map(({ id }) => id)).toEqual(['photos']);
});
