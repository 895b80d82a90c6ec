/**
 * Secrets at rest: CA keys, app passwords. Each is encrypted under a key of its own, and that key
 * under the master key (envelope encryption), so the master key meets no bulk data and can be
 * changed by wrapping the small keys again. AES-256-GCM throughout (NIST SP 800-38D).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const FORMAT = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BOX_OVERHEAD = NONCE_BYTES + TAG_BYTES;
const WRAPPED_BYTES = KEY_BYTES + BOX_OVERHEAD;

export interface Sealer {
  /**
   * @param purpose  what the secret is and whose, e.g. `authority-key:<id>`; it is bound to the
   *   result, so one row's secret cannot be passed off as another's
   * @returns format byte, wrapped key, encrypted secret
   */
  seal(secret: Uint8Array, purpose: string): Buffer;
  /** @throws {Error} when it was sealed for another purpose, under another key, or was changed */
  open(sealed: Uint8Array, purpose: string): Buffer;
}

/**
 * @param masterKey  32 bytes as base64, from a file that only this service reads
 * @throws {Error} when it is not 32 bytes
 */
export function createSealer(masterKey: string): Sealer {
  const master = Buffer.from(masterKey, 'base64');
  if (master.length !== KEY_BYTES) throw new Error('the master key is not 32 bytes in base64');
  return {
    seal(secret, purpose) {
      const key = randomBytes(KEY_BYTES);
      const wrapped = encrypt(master, key, purpose);
      return Buffer.concat([Buffer.of(FORMAT), wrapped, encrypt(key, secret, purpose)]);
    },
    open(sealed, purpose) {
      if (sealed[0] !== FORMAT) throw new Error('the secret is sealed in an unknown format');
      const key = decrypt(master, sealed.subarray(1, 1 + WRAPPED_BYTES), purpose);
      return decrypt(key, sealed.subarray(1 + WRAPPED_BYTES), purpose);
    },
  };
}

/** @returns nonce, tag, ciphertext */
function encrypt(key: Uint8Array, plain: Uint8Array, purpose: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function decrypt(key: Uint8Array, box: Uint8Array, purpose: string): Buffer {
  if (box.length < BOX_OVERHEAD) throw new Error('the sealed secret is cut short');
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(purpose))
    .setAuthTag(box.subarray(NONCE_BYTES, BOX_OVERHEAD));
  return Buffer.concat([decipher.update(box.subarray(BOX_OVERHEAD)), decipher.final()]);
}
