import { expect, test } from '@jest/globals';
import { firstSteps, welcomeLines } from './describe.ts';

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
