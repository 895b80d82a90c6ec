/** Questions to whoever sits at the terminal; they are on standard error, for output may be piped. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { failure, wrongUsage } from './failure.ts';

/**
 * Returns once the answer is yes.
 *
 * @param refusal  what to do where nobody can be asked, e.g. `Add --yes to delete without asking.`
 * @throws {CLIError} when it is no, or when there is no terminal
 */
export async function confirm(question: string, refusal: string): Promise<void> {
  if (!process.stdin.isTTY) throw wrongUsage(refusal);
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw failure('Nothing was changed.');
}

/** @throws {CLIError} naming `flag` when there is no terminal */
export async function askFor(what: string, flag: string): Promise<string> {
  if (!process.stdin.isTTY) throw wrongUsage(`There is no terminal to ask at: give ${flag}.`);
  return (await ask(`${what}: `)).trim();
}

/** As {@link askFor}, without showing what is typed. */
export async function askForSecret(what: string, flag: string): Promise<string> {
  if (!process.stdin.isTTY) throw wrongUsage(`There is no terminal to ask at: give ${flag}.`);
  process.stderr.write(`${what}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await question({ input: process.stdin, output: silent, terminal: true }, '');
  process.stderr.write('\n');
  return answer;
}

/** The whole of standard input, without the newline at its end. */
export async function readStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return text.replace(/\r?\n$/, '');
}

const ask = (text: string) => question({ input: process.stdin, output: process.stderr }, text);

async function question(
  options: { input: NodeJS.ReadStream; output: NodeJS.WritableStream; terminal?: boolean },
  text: string,
): Promise<string> {
  const lines = createInterface(options);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('close', () => {
        process.stderr.write('\n');
        reject(failure('Nothing was changed.'));
      });
      lines.question(text).then(resolve, reject);
    });
  } finally {
    lines.close();
  }
}
