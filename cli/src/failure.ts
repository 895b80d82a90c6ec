import { CLIError } from '@oclif/core/errors';

/** Exit codes, as {@link CepCommand} documents them. */
export const EXIT = { failed: 1, usage: 2, notSignedIn: 3, refused: 4, unreachable: 5 } as const;

/** What went wrong on this machine: one sentence that says what to do. */
export const failure = (sentence: string, options?: ErrorOptions): CLIError =>
  new CLIError(Object.assign(new Error(sentence, options)), { exit: EXIT.failed });

/** A command that was given wrongly. */
export const wrongUsage = (sentence: string): CLIError =>
  new CLIError(sentence, { exit: EXIT.usage });
