/** Policies as people keep them: YAML, of which JSON is a part. */
import { checker } from '@cep/contracts/check';
import { Policy } from '@cep/contracts/policies';
import { Document, isSeq, parseDocument, visit } from 'yaml';
import { readStdin } from './ask.ts';
import { failure } from './failure.ts';
import { readText } from './read-text.ts';

/**
 * @param path  `-` is standard input
 * @throws {CLIError} when there is no such file, or no YAML in it, with the line
 * @throws {Problem} `invalid-request` naming the member that is wrong
 */
export async function readPolicy(path: string): Promise<Policy> {
  const name = path === '-' ? 'standard input' : path;
  const text = path === '-' ? await readStdin() : await readText(path);
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw failure(`${name} is not YAML: ${error.message.split('\n')[0]?.replace(/:$/, '')}.`);
  return checker(Policy, name)(document.toJS());
}

/** One line for each list, so that a rule is read at a glance. */
export function writePolicy({ rules, tests }: Policy): string {
  const document = new Document(tests.length > 0 ? { rules, tests } : { rules });
  visit(document, {
    Pair(_, { key, value }) {
      const isWords = ['from', 'to', 'allow', 'deny'].includes(String(key));
      if (isWords && isSeq(value)) value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** On standard error, for what is on standard output may be kept. */
export function warn(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`);
}
