import type { AppDetails } from '@cep/contracts/apps';
import { expect, test } from '@jest/globals';
import { settled } from './settled.ts';

const app = (more: object): AppDetails =>
  ({
    ...{ name: 'wiki', state: 'running', reason: null, network: null, domain: null },
    services: [{ name: 'web', image: 'x', state: 'running', health: 'healthy', drift: [] }],
    ...more,
  }) as unknown as AppDetails;
const unproven = {
  services: [{ name: 'web', image: 'x', state: 'running', health: null, drift: [] }],
};

/** Tells one after the other, then the last again and again. */
const telling = (...apps: AppDetails[]) => {
  let asked = 0;
  return {
    ask: async () => apps[Math.min(asked++, apps.length - 1)] as AppDetails,
    asked: () => asked,
  };
};

test('an app that is healthy, and has its name, is not waited for', async () => {
  const { ask, asked } = telling(app({}));

  expect((await settled(ask)).state).toBe('running');
  expect(asked()).toBe(1);
});

test('one that has its name a moment later is told with it', async () => {
  const domain = { name: 'wiki.home', problem: null };
  const { ask } = telling(app({ network: 'home' }), app({ network: 'home', domain }));

  expect((await settled(ask)).domain).toEqual(domain);
});

test('one without health check that ends at once has failed, and says of what', async () => {
  const reason = {
    code: 'out-of-memory',
    message: 'web ran out of memory.',
    next: 'Give it more.',
  };
  const { ask } = telling(app(unproven), app({ ...unproven, state: 'failed', reason }));

  await expect(settled(ask)).rejects.toThrow(
    /a moment later.\nweb ran out of memory.\nGive it more./,
  );
});

test('one without health check that stays up runs', async () => {
  const { ask, asked } = telling(app(unproven));

  expect((await settled(ask)).state).toBe('running');
  expect(asked()).toBeGreaterThan(1);
});
