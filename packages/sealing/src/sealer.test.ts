import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createSealer, type Sealer } from './sealer.ts';

const key = () => randomBytes(32).toString('base64');
const secret = Buffer.from('hunter2');

function opens(sealer: Sealer, sealed: Uint8Array, purpose: string): boolean {
  try {
    sealer.open(sealed, purpose);
    return true;
  } catch {
    return false;
  }
}

describe('a sealed secret', () => {
  test('opens under the same key and for the same purpose, and never looks the same twice', () => {
    const sealer = createSealer(key());
    const sealed = sealer.seal(secret, 'app:1');

    expect(sealer.open(sealed, 'app:1')).toEqual(secret);
    expect(sealed.includes(secret)).toBe(false);
    expect(sealer.seal(secret, 'app:1')).not.toEqual(sealed);
  });

  test('does not open for another purpose or under another key', () => {
    const sealer = createSealer(key());
    const sealed = sealer.seal(secret, 'app:1');

    expect(opens(sealer, sealed, 'app:2')).toBe(false);
    expect(opens(createSealer(key()), sealed, 'app:1')).toBe(false);
  });

  test('does not open when any byte was changed or cut off', () => {
    const sealer = createSealer(key());
    const sealed = sealer.seal(secret, 'app:1');

    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      expect(opens(sealer, changed, 'app:1')).toBe(false);
      expect(opens(sealer, sealed.subarray(0, at), 'app:1')).toBe(false);
    }
  });
});

test('a master key of another size is refused', () => {
  expect(() => createSealer(randomBytes(16).toString('base64'))).toThrow('32 bytes');
});
