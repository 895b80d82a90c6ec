import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fingerprint } from './certificate.ts';
import { tlsIdentity } from './identity.ts';

describe('the identity of the gateway', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-tls-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('names this machine and what it was told, for ten years', async () => {
    const { cert } = await tlsIdentity(folder, ['cep.example', '203.0.113.7']);

    const certificate = new X509Certificate(cert);
    for (const name of ['localhost', hostname(), 'cep.example']) {
      expect(certificate.checkHost(name)).toBe(name);
    }
    for (const address of ['127.0.0.1', '::1', '203.0.113.7']) {
      expect(certificate.checkIP(address)).toBe(address);
    }
    const years = (Date.parse(certificate.validTo) - Date.now()) / 31_557_600_000;
    expect(years).toBeCloseTo(10, 1);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(fingerprint(cert)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('is made once by several that start at once, kept, and its key is nobody else’s', async () => {
    const made = await Promise.all([1, 2, 3].map(() => tlsIdentity(folder, [])));

    expect(new Set(made.map(({ cert }) => cert)).size).toBe(1);
    expect(await tlsIdentity(folder, ['other.example'])).toEqual(made[0]);
    expect(await readFile(join(folder, 'key.pem'), 'utf8')).toBe(made[0]?.key);
    expect((await stat(join(folder, 'key.pem'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).toSorted()).toEqual(['cert.pem', 'key.pem']);
  });

  test('is completed when only its key was written', async () => {
    const { key } = await tlsIdentity(folder, []);
    await rm(join(folder, 'cert.pem'));

    const again = await tlsIdentity(folder, []);

    expect(again.key).toBe(key);
    expect(new X509Certificate(again.cert).publicKey.type).toBe('public');
  });

  test('is not replaced when its key is gone', async () => {
    await tlsIdentity(folder, []);
    await rm(join(folder, 'key.pem'));

    await expect(tlsIdentity(folder, [])).rejects.toThrow('key.pem');
  });
});
