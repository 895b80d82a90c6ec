import { type Authority, createAuthority } from '@cep/testing/certificates';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startFakeDocker, startPlainDocker } from './fake-docker.fixture.ts';
import { meetEngine } from './meet.ts';

describe('an engine that cannot be used', () => {
  let authority: Authority;
  let stranger: Authority;
  const open: { close(): void }[] = [];
  beforeAll(async () => {
    [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  const serverOf = (of: Authority, options: { names?: string[]; lifetime?: number } = {}) =>
    of.issue({ for: 'server', names: ['127.0.0.1'], ...options });

  async function fake(options: Partial<Parameters<typeof startFakeDocker>[0]> = {}) {
    const identity = options.identity ?? (await serverOf(authority));
    const started = await startFakeDocker({ identity, ca: authority.certificate, ...options });
    open.push(started);
    return started.url;
  }

  const meet = async (url: string, client = authority) => {
    const { certificate, key } = await client.issue({ for: 'client' });
    return meetEngine({ url, credentials: { ca: authority.certificate, certificate, key } }, 'me');
  };

  test('is told from one that can', async () => {
    await expect(meet(await fake())).resolves.toMatchObject({ id: 'fake', apiVersion: '1.45' });
  });

  test.each<[string, () => Promise<string>]>([
    ['unreachable', async () => 'https://127.0.0.1:9'],
    ['untrusted', async () => fake({ identity: await serverOf(stranger) })],
    ['untrusted', async () => fake({ identity: await serverOf(authority, { names: ['barn'] }) })],
    ['expired', async () => fake({ identity: await serverOf(authority, { lifetime: -1_000 }) })],
    ['open', () => fake({ isClosed: false })],
    ['too-old', () => fake({ apiVersion: '1.41' })],
    [
      'not-tls',
      async () => {
        const plain = await startPlainDocker();
        open.push(plain);
        return plain.url;
      },
    ],
  ])('is told as %s', async (why, make) => {
    await expect(meet(await make())).rejects.toMatchObject({
      code: 'engine-unusable',
      members: { why },
    });
  });

  test('is told as refused when it does not take the certificate', async () => {
    await expect(meet(await fake(), stranger)).rejects.toMatchObject({
      code: 'engine-unusable',
      members: { why: 'refused' },
    });
  });
});
