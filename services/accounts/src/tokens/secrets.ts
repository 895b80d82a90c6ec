/**
 * What credentials look like. A secret is 256 random bits, so one round of SHA-256 hides it well:
 * slow hashes are for what people make up.
 */
import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'cep_';
const SECRET = /^cep_[\w-]{43}$/;

/** e.g. `cep_` and 43 characters of base64url. The prefix lets scanners find one that leaked. */
export const newSecret = (): string => PREFIX + randomBytes(32).toString('base64url');

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Whether it can be one of ours at all, so that garbage costs no query. */
export const looksLikeSecret = (text: string): boolean => SECRET.test(text);
