import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findProfile, forgetToken, loadProfile, saveProfile } from './profile.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cep-profile-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const signIn = (server: string) =>
  saveProfile({ home, server, token: 'secret', username: 'ada', certificate: 'PEM' });

test('signing in makes a server the current one, and forgets no other', () => {
  signIn('https://a.example/');
  signIn('https://b.example');

  const { server, servers } = loadProfile(home);
  expect(server).toBe('https://b.example');
  expect(Object.keys(servers)).toEqual(['https://a.example', 'https://b.example']);
});

test('signing out keeps what the server’s certificate is', () => {
  signIn('https://a.example');

  forgetToken(home, 'https://a.example');

  expect(loadProfile(home).servers['https://a.example']).toEqual({
    username: 'ada',
    certificate: 'PEM',
  });
});

test('the file and its folder are for their owner alone, and nothing else is left there', () => {
  signIn('https://a.example');

  expect(statSync(join(home, 'cli')).mode & 0o777).toBe(0o700);
  expect(statSync(join(home, 'cli/profile.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(home, 'cli'))).toEqual(['profile.json']);
});

test('a profile that cannot be read says which file it is', () => {
  signIn('https://a.example');
  writeFileSync(join(home, 'cli/profile.json'), '{');

  expect(() => findProfile({ CEP_HOME: home })).toThrow(join(home, 'cli/profile.json'));
});
