import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { filesNamedIn, isPath, toSource } from './source.ts';

const COMPOSE = `
services:
  web:
    image: x
    env_file: [app.env, { path: ./more.env, required: false }]
    volumes: ["./nginx.conf:/etc/nginx.conf:ro", "data:/data", "./folder:/folder", "../out:/out"]
configs: { a: { file: ./a.txt }, b: { content: x } }
secrets: { s: { file: /etc/shadow }, t: { file: ../../t } }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-'));
  await writeFile(join(folder, 'compose.yaml'), COMPOSE);
  await writeFile(join(folder, 'app.env'), 'A=1\n');
  await writeFile(join(folder, 'nginx.conf'), 'events {}');
});
afterAll(() => rm(folder, { recursive: true }));

const nothing = { set: [], grant: [] };

test.each([
  ['postgres', false],
  ['./compose.yaml', true],
  ['compose.yaml', true],
  ['shop/app', true],
  ['-', true],
])('%s is a path: %s', (what, expected) => {
  expect(isPath(what)).toBe(expected);
});

test('a file names others below its folder, and none outside', async () => {
  expect(await filesNamedIn(COMPOSE)).toEqual([
    'app.env',
    'more.env',
    'nginx.conf',
    'folder',
    'a.txt',
  ]);
});

test('a file is sent with what it names, as far as that is there', async () => {
  const source = await toSource(join(folder, 'compose.yaml'), {
    set: ['A=1'],
    name: 'shop',
    grant: ['dns'],
    reason: 'asks at home',
  });

  expect(source).toEqual({
    compose: COMPOSE,
    files: { 'app.env': 'A=1\n', 'nginx.conf': 'events {}' },
    name: 'shop',
    parameters: { A: '1' },
    grants: [{ permission: 'dns', reason: 'asks at home' }],
  });
});

test('a name is a template of a store', async () => {
  expect(await toSource('redis', { ...nothing, store: 'cep' })).toEqual({
    template: 'redis',
    store: 'cep',
    parameters: {},
  });
});

test('what is not there, and a store with a file, are refused', async () => {
  await expect(toSource(join(folder, 'no.yaml'), nothing)).rejects.toThrow('cannot be read');
  await expect(toSource('./x.yaml', { ...nothing, store: 'cep' })).rejects.toThrow('--store');
  await expect(toSource('x', { ...nothing, grant: ['dns'] })).rejects.toThrow('--reason');
});
