import { Problem, type ProblemCode } from '@cep/contracts/problems';
import { CLIError } from '@oclif/core/errors';
import { EXIT } from './failure.ts';

export interface Failure {
  /** For people. */
  readonly sentence: string;
  readonly exit: number;
  /** For `--json`. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** How a command ends that threw this. */
export function describeFailure(thrown: Error): Failure {
  if (thrown instanceof Problem) {
    const { code } = thrown;
    const exit = exitOf(code);
    return { sentence: asTyped(thrown), exit, document: { code, ...thrown.toJSON() } };
  }
  if (thrown instanceof CLIError) {
    const exit = thrown.oclif.exit || EXIT.failed;
    const sentence = oneSentence(thrown.message);
    const code = exit === EXIT.usage ? 'wrong-usage' : 'failed';
    return { sentence, exit, document: { code, detail: sentence } };
  }
  const sentence = `cep failed in a way it should not: ${thrown.message}. With DEBUG=cep it tells more.`;
  if (process.env.DEBUG) process.stderr.write(`${thrown.stack}\n`);
  return { sentence, exit: EXIT.failed, document: { code: 'internal', detail: sentence } };
}

/** Members of a request that people give as flags. */
const FLAGS: Readonly<Record<string, string>> = {
  cidr: '--cidr',
  publicAddress: '--public-ip',
  port: '--port',
  groups: '--group',
};

/** A refused request names the member, e.g. `body/cidr`, where people have typed something else. */
const asTyped = ({ message }: Problem): string =>
  message.replace(
    /^(?:body|query|params)\/(\w+)(?:\/\d+)?/,
    (_, member: string) => FLAGS[member] ?? `The ${member}`,
  );

/** Of oclif's paragraphs about wrong usage the first, on one line. */
function oneSentence(message: string): string {
  const [first = '', ...more] = message.split(/\n\n|\nSee more help/);
  const line = first
    .replace(/^Parsing (--\S+)\s+Expected/, '$1: expected')
    .replace(/:\s*\n/, ': ')
    .replace(/\s*\n\s*/g, '; ')
    .replace(/ {2,}/g, ', ');
  return more.length > 0 ? `${line}. Add --help to see how it is used.` : message;
}

function exitOf(code: ProblemCode): number {
  if (code === 'not-signed-in' || code === 'wrong-credentials') return EXIT.notSignedIn;
  if (code === 'unavailable') return EXIT.unreachable;
  return code === 'internal' ? EXIT.failed : EXIT.refused;
}
