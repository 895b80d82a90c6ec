import { wrongUsage } from '../failure.ts';

/**
 * `['A=1', 'B=x=y']` is `{ A: '1', B: 'x=y' }`.
 *
 * @throws {CLIError} for one without a name, and for one that is set twice
 */
export function parseParameters(settings: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const name = setting.slice(0, Math.max(at, 0));
    if (name === '') throw wrongUsage(`--set takes NAME=VALUE, not "${setting}".`);
    if (Object.hasOwn(parameters, name)) throw wrongUsage(`--set ${name} is given twice.`);
    parameters[name] = setting.slice(at + 1);
  }
  return parameters;
}
