import { describe, expect, test } from '@jest/globals';
import { createPasswords } from './passwords.ts';

describe('passwords', () => {
  test('are kept by argon2id with 19 MiB, two passes and a salt of their own', async () => {
    const passwords = await createPasswords();

    const hashed = await passwords.hash('correct horse');

    expect(hashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.hash('correct horse')).not.toBe(hashed);
    expect(await passwords.verify(hashed, 'correct horse')).toBe(true);
    expect(await passwords.verify(hashed, 'Correct horse')).toBe(false);
  });

  test('cost as much work where there is none to compare with', async () => {
    const passwords = await createPasswords();
    const hashed = await passwords.hash('correct horse');
    // Of the processor, not of the clock: what else the machine does is no matter.
    const work = async (hash: string | null) => {
      const start = process.cpuUsage();
      for (let n = 0; n < 5; n++) expect(await passwords.verify(hash, 'wrong')).toBe(false);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    await work(hashed);

    const ratio = (await work(null)) / (await work(hashed));

    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(3);
  });

  test('refuse a flood rather than work through it', async () => {
    const passwords = await createPasswords();

    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () => passwords.verify(null, 'wrong')),
    );

    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: 'too-many-requests' } });
    expect(await passwords.verify(null, 'wrong')).toBe(false);
  });
});
