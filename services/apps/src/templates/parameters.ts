import { Problem } from '@cep/contracts/problems';
import { generate, type Random } from './generate.ts';
import { assertValue } from './parameter-values.ts';
import type { TemplateParameter } from './x-cep.ts';

export interface Resolved {
  /** Every parameter that has a value: given, generated or by default. */
  readonly values: Record<string, string>;
  /** Names of those that are never shown or logged. */
  readonly secrets: Set<string>;
}

/** Whether a value is kept from logs and, unless asked for, from replies. */
export const isSensitive = ({ type, sensitive }: TemplateParameter): boolean =>
  sensitive || type === 'password' || type === 'secret';

/**
 * Completes what a person gave to what a template needs. What is given wins over what was made before
 * or would be made; what has no value, though it may, is left out.
 *
 * @throws {Problem} `invalid-request` that names the parameter, and for an unknown one lists the known
 */
export function resolveParameters(
  { parameters }: { readonly parameters: readonly TemplateParameter[] },
  given: Readonly<Record<string, string>>,
  { random }: { random: Random },
): Resolved {
  const names = parameters.map(({ name }) => name);
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const known = names.length > 0 ? `It has ${names.join(', ')}` : 'It has none';
    throw new Problem('invalid-request', `There is no parameter "${stranger}". ${known}.`);
  }
  const values = parameters.flatMap((parameter) => {
    const own = Object.hasOwn(given, parameter.name) ? given[parameter.name] : undefined;
    const value = resolve(parameter, own, random);
    return value === undefined ? [] : [[parameter.name, value] as const];
  });
  const secrets = parameters.filter(isSensitive).map(({ name }) => name);
  return { values: Object.fromEntries(values), secrets: new Set(secrets) };
}

function resolve(parameter: TemplateParameter, given: string | undefined, random: Random) {
  if (parameter.generate && !given) return generate(parameter.generate, random);
  const value = given ?? parameter.default;
  if (parameter.required && !value) {
    const sentence = `Parameter ${parameter.name} (${parameter.label}) is required.`;
    throw new Problem('invalid-request', sentence);
  }
  if (value !== undefined) assertValue(parameter, value);
  return value;
}
