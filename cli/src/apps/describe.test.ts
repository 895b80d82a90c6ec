import { expect, test } from '@jest/globals';
import { describeApp, firstSteps, welcomeLines } from './describe.ts';

const database = {
  name: 'db',
  protocol: 'postgresql',
  address: '10.42.0.1',
  port: 5432,
  url: 'postgresql://10.42.0.1:5432',
};

test('the first step with a database names the user that the deployment has', () => {
  const parameters = { DATABASE: 'orders', USERNAME: 'app', PORT: '5432' };

  expect(firstSteps({ endpoints: [database], parameters })).toEqual([
    'postgresql://10.42.0.1:5432   try: psql -h 10.42.0.1 -p 5432 -U app orders',
  ]);
});

test('what the template tells people is fit for a terminal, and says where the password is', () => {
  const credentials = [{ label: 'Administrator', user: 'ada', password: '(hidden)' }];
  const welcome = {
    notes: 'Be\u001b[2Jhold.\nTwice.\n',
    credentials,
    firstRun: 'http://10.42.0.2:80/',
  };

  expect(welcomeLines({ name: 'shop', welcome })).toEqual([
    'Open first: http://10.42.0.2:80/',
    'Sign in: Administrator, as ada, password: cep apps show shop --secrets',
    'Be\ufffd[2Jhold.',
    'Twice.',
  ]);
  expect(welcomeLines({ name: 'shop', welcome: null })).toEqual([]);
});

test('an app is shown with how to begin; what is long is one line', () => {
  const shown = describeApp({
    ...{ id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', name: 'shop', store: 'cep', template: 'shop' },
    ...{ version: '2', network: null, engine: 'local', state: 'running', reason: null },
    ...{ generation: 1, endpoints: [], domain: null, createdAt: '2026-01-01T00:00:00.000Z' },
    ...{ services: [], grants: [] },
    parameters: { KEY_PUBLIC: '-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n' },
    welcome: {
      notes: 'Be kind.\n',
      credentials: [{ label: 'Administrator', user: 'ada', password: 'hunter2' }],
      firstRun: 'http://127.0.0.1:8080/setup',
    },
  });

  expect(shown).toContain('Open first:  http://127.0.0.1:8080/setup');
  expect(shown).toContain('KEY_PUBLIC  -----BEGIN PUBLIC KEY----- … (3 lines: --json has them)');
  expect(shown).toMatch(/SIGN IN +USER +PASSWORD\nAdministrator +ada +hunter2\n/);
  expect(shown).toMatch(/\n\nBe kind\.$/);
});
