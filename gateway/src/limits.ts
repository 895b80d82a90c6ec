/** How much of its requests the gateway takes from one party. Counted in memory, per replica. */
import { Problem } from '@cep/contracts/problems';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Of one party: requests under way, streams that go on for hours among them. */
const AT_ONCE = 64;

export interface Limits {
  /** Counts a request of a credential. @param id  of the credential */
  known(id: string): Promise<void>;
  /** Counts a request without a credential. @param network  where it comes from */
  unknown(network: string): Promise<void>;
  /** Refuses whoever guesses, before anybody else is asked. */
  mayTry(network: string): Promise<void>;
  /** Counts a guess that was wrong: a credential that nobody holds, a password, an enrolment code. */
  wrong(network: string): Promise<void>;
  /**
   * Takes one of the places that a party has for requests under way.
   *
   * @param party  id of the credential, or network where there is none
   * @returns gives the place back
   */
  begin(party: string): () => void;
}

/** @throws {Problem} from its calls: `too-many-requests` with `retryAfterSeconds` */
export function createLimits(requestsPerMinute = 1_200): Limits {
  const minute = (points: number) => new RateLimiterMemory({ points, duration: 60 });
  const known = minute(requestsPerMinute);
  const unknown = minute(Math.ceil(requestsPerMinute / 10));
  // Of an address 30, unless set otherwise. What was right is not counted: fifty machines behind one
  // address enrol in the same minute.
  const wrongPerMinute = Math.ceil(requestsPerMinute / 40);
  const wrong = minute(wrongPerMinute);
  return {
    known: (id) => take(known, id),
    unknown: (network) => take(unknown, network),
    async mayTry(network) {
      const tried = await wrong.get(network);
      if (tried && tried.consumedPoints > wrongPerMinute) throw tooMany(tried);
    },
    wrong: (network) => take(wrong, network),
    begin: createPlaces(AT_ONCE),
  };
}

function createPlaces(places: number): Limits['begin'] {
  const taken = new Map<string, number>();
  return (party) => {
    const before = taken.get(party) ?? 0;
    if (before >= places) {
      const sentence = `${places} requests of yours are under way: let one end, then try again.`;
      throw new Problem('too-many-requests', sentence, { members: { retryAfterSeconds: 1 } });
    }
    taken.set(party, before + 1);
    return () => {
      const left = (taken.get(party) ?? 1) - 1;
      if (left > 0) taken.set(party, left);
      else taken.delete(party);
    };
  };
}

async function take(limiter: RateLimiterMemory, name: string): Promise<void> {
  try {
    await limiter.consume(name);
  } catch (thrown) {
    throw thrown instanceof RateLimiterRes ? tooMany(thrown) : thrown;
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): Problem {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  return new Problem('too-many-requests', `Try again in ${retryAfterSeconds} s.`, {
    members: { retryAfterSeconds },
  });
}
