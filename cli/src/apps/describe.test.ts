import { expect, test } from '@jest/globals';
import { firstSteps } from './describe.ts';

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
