import type { utils } from 'ssh2';

type KeyPair = ReturnType<typeof utils.generateKeyPairSync>;

/** `string "ssh-ed25519"`, `string` of 32 bytes (RFC 8709, 4). */
const PUBLIC_KEY_BYTES = 4 + 11 + 4 + 32;

/**
 * A new Ed25519 pair as OpenSSH writes it. The library cuts zeros off the front of a public key, and
 * one in 256 begins with one: what is left is no key, and nebula does not start with it.
 */
export function generateSshKeys({ generateKeyPairSync }: typeof utils): KeyPair {
  for (;;) {
    const pair = generateKeyPairSync('ed25519');
    if (publicBytes(pair).length === PUBLIC_KEY_BYTES) return pair;
  }
}

export const publicBytes = (pair: KeyPair): Buffer =>
  Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
