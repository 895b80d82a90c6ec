import { Problem } from '@cep/contracts/problems';

/** Puts the place in front of what a problem says; for rules that do not know where they are used. */
export function atPath<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
