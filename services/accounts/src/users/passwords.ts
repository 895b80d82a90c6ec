/**
 * Passwords, as argon2id keeps them, with the parameters that OWASP's Password Storage Cheat Sheet
 * names first: 19 MiB, two passes, one lane.
 */
import { randomBytes } from 'node:crypto';
import { Problem } from '@cep/contracts/problems';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';

const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** So that a flood of sign-ins takes 38 MiB and half of the thread pool, and no more. */
const AT_ONCE = 2;

/** About a second of work; whoever comes later is better told so. */
const WAITING = 32;

export interface Passwords {
  /** @returns in PHC form, e.g. `$argon2id$v=19$m=19456,t=2,p=1$…`, with a salt of its own */
  hash(password: string): Promise<string>;
  /** Whether it is the password; with no hash at all, as much work for the answer no. */
  verify(hashed: string | null, password: string): Promise<boolean>;
}

/** @throws {Problem} from its calls: `too-many-requests` while too many wait */
export async function createPasswords(): Promise<Passwords> {
  const limit = pLimit(AT_ONCE);
  const nobodys = await hash(randomBytes(16), OPTIONS);

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= WAITING) {
      throw new Problem('too-many-requests', 'Many people are signing in. Try again in a moment.', {
        members: { retryAfterSeconds: 2 },
      });
    }
    return limit(work);
  };
  return {
    hash: async (password) => inTurn(() => hash(password, OPTIONS)),
    async verify(hashed, password) {
      const matches = await inTurn(() => verify(hashed ?? nobodys, password));
      return matches && hashed !== null;
    },
  };
}
