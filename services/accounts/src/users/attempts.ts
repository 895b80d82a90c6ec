/**
 * How often passwords may be tried. Counted in memory, of each replica on its own: an attempt costs
 * a hash before the next one is counted, so there are never more entries than hashes in a window.
 */
import { Problem } from '@cep/contracts/problems';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Enough for a forgetful person, hopeless for a guesser. */
const LIMITS = {
  perUserAndAddress: { points: 10, duration: 15 * 60 },
  perAddress: { points: 60, duration: 15 * 60 },
};

export interface Attempts {
  /**
   * Counts a try before it is made, so that many at once are counted too.
   *
   * @param origin  where it comes from: a network address, or a user's id
   * @throws {Problem} `too-many-requests` with `retryAfterSeconds`
   */
  count(username: string, origin: string): Promise<void>;
  /** Forgets the tries for this user: the last one was right. */
  forgive(username: string, origin: string): Promise<void>;
}

export function createAttempts(): Attempts {
  const both = new RateLimiterMemory(LIMITS.perUserAndAddress);
  const address = new RateLimiterMemory(LIMITS.perAddress);
  return {
    async count(username, origin) {
      await take(address, origin);
      await take(both, key(username, origin));
    },
    async forgive(username, origin) {
      await address.reward(origin);
      await both.delete(key(username, origin));
    },
  };
}

const key = (username: string, origin: string): string => `${origin} ${username}`;

async function take(limiter: RateLimiterMemory, name: string): Promise<void> {
  try {
    await limiter.consume(name);
  } catch (thrown) {
    if (!(thrown instanceof RateLimiterRes)) throw thrown;
    const retryAfterSeconds = Math.ceil(thrown.msBeforeNext / 1_000);
    throw new Problem('too-many-requests', 'Too many tries to sign in. Wait, then try again.', {
      members: { retryAfterSeconds },
    });
  }
}
