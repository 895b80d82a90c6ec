import { createAuthority } from '@cep/testing/certificates';
import { describe, expect, test } from '@jest/globals';
import { readAccess, readAddresses, readUrl } from './access.ts';

describe('the URL of an engine', () => {
  test.each([
    ['https://10.42.0.7', 'https://10.42.0.7:2376'],
    ['https://10.42.0.7:2377/', 'https://10.42.0.7:2377'],
    ['https://barn.home:443', 'https://barn.home:443'],
    ['https://[fd00::7]:2376', 'https://[fd00::7]:2376'],
  ])('%s is taken as %s', (given, url) => {
    expect(readUrl(given)).toBe(url);
  });

  test.each([
    ['barn', 'https://HOST:PORT'],
    ['http://10.42.0.7:2375', '--tlsverify'],
    ['tcp://10.42.0.7:2376', '--tlsverify'],
    ['ssh://root@barn', 'https://HOST:PORT'],
    ['unix:///var/run/docker.sock', 'https://HOST:PORT'],
    ['https://ada:secret@barn', 'the name and the password'],
    ['https://barn/v1.44', 'after the port'],
    ['https://barn?x=1', 'after the port'],
  ])('%s is refused', (given, sentence) => {
    expect(() => readUrl(given)).toThrow(sentence);
  });
});

describe('the credentials for an engine', () => {
  const read = async (change: (given: Given) => Partial<Given> | Promise<Partial<Given>>) => {
    const authority = await createAuthority();
    const { certificate, key } = await authority.issue({ for: 'client' });
    const given = { url: 'https://barn', ca: authority.certificate, certificate, key };
    return readAccess({ ...given, ...(await change(given)) }, Date.now());
  };
  type Given = Parameters<typeof readAccess>[0];

  test('are taken when they go together', async () => {
    const { credentials } = await read(() => ({}));

    expect(Object.keys(credentials)).toEqual(['ca', 'certificate', 'key']);
  });

  test.each<[string, (given: Given) => Partial<Given> | Promise<Partial<Given>>]>([
    ['body/ca: it is no certificate', () => ({ ca: 'x' })],
    ['body/ca: it is no authority', ({ certificate }) => ({ ca: certificate })],
    ['body/certificate: it is no certificate', () => ({ certificate: 'x' })],
    ['body/key: it is no private key', () => ({ key: 'x' })],
    ['body/key: it is locked', () => ({ key: '-----BEGIN ENCRYPTED PRIVATE KEY-----' })],
    ['body/key: it is not that of', async () => ({ key: (await otherClient()).key })],
    ['body/certificate: it has expired', async () => otherClient(-1_000)],
  ])('%s: is refused', async (sentence, change) => {
    await expect(read(change)).rejects.toThrow(sentence);
  });

  test('a key that cannot be read is not told', async () => {
    await expect(read(() => ({ key: 'hunter2' }))).rejects.toMatchObject({
      message: expect.not.stringContaining('hunter2'),
      cause: undefined,
    });
  });
});

const otherClient = async (lifetime?: number) =>
  (await createAuthority()).issue({ for: 'client', ...(lifetime && { lifetime }) });

test.each(['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255'])(
  '%s is no address that apps are bound to',
  (address) => {
    expect(() => readAddresses([address])).toThrow(address);
  },
);

test('an address that is given twice is taken once', () => {
  expect(readAddresses(['10.42.0.7', '10.42.0.7', '192.168.1.7'])).toEqual([
    '10.42.0.7',
    '192.168.1.7',
  ]);
});
