import { wrongUsage } from '../failure.ts';
import { readText } from '../read-text.ts';

/**
 * `['A=1', 'B=x=y', 'C=@notes.txt']` is `{ A: '1', B: 'x=y', C: … }`, with what is in the file. Two `@@`
 * begin a value that begins with one.
 *
 * @throws {CLIError} for one without a name, for one that is set twice, and for a file that cannot be read
 */
export async function parseParameters(
  settings: readonly string[],
): Promise<Record<string, string>> {
  const parameters: Record<string, string> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const name = setting.slice(0, Math.max(at, 0));
    if (name === '') throw wrongUsage(`--set takes NAME=VALUE, not "${setting}".`);
    if (Object.hasOwn(parameters, name)) throw wrongUsage(`--set ${name} is given twice.`);
    parameters[name] = await valueOf(setting.slice(at + 1));
  }
  return parameters;
}

async function valueOf(text: string): Promise<string> {
  if (!text.startsWith('@')) return text;
  return text.startsWith('@@') ? text.slice(1) : readText(text.slice(1), HINT);
}

const HINT = 'A value that begins with @ is written with two of them.';
