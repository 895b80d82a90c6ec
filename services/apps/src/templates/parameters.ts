import { Problem } from '@cep/contracts/problems';
import { atPath } from '../compose/at-path.ts';
import { bounded, interpolate, type Lookup } from '../compose/interpolate.ts';
import { generate, type Random } from './generate.ts';
import { isPair, publicHalf, publicName } from './key-pairs.ts';
import type { TemplateParameter } from './parameter-schema.ts';
import { assertValue } from './parameter-values.ts';

export interface Resolved {
  /** Every parameter that has a value, given, generated or by default; and public halves of keys. */
  readonly values: Record<string, string>;
  /** Names of those that are never shown or logged. */
  readonly secrets: Set<string>;
}

/** What values are made of, beside what a person gives. */
export interface Sources {
  readonly random: Random;
  /** Of what is built in, for defaults; left out: there is nothing. */
  readonly builtin?: Lookup;
  /** A value as it will be once the ports of the app are known; left out: as it is. */
  readonly foreseen?: (value: string) => string;
}

/** Whether a value is kept from logs and, unless asked for, from replies. */
export const isSensitive = ({ type, sensitive }: TemplateParameter): boolean =>
  sensitive || type === 'password' || type === 'secret';

/** Whether a value reaches containers in files alone. */
export const isForFiles = ({ type, target }: TemplateParameter): boolean =>
  type === 'file' || target === 'file';

/** The variables that parameters are, public halves of keys included. */
export const variablesOf = (parameters: readonly TemplateParameter[]): string[] =>
  parameters.flatMap(({ name, generate: made }) =>
    isPair(made?.kind) ? [name, publicName(name)] : [name],
  );

/**
 * Completes what a person gave to what a template needs. What is given wins over what was made before
 * or would be made; what has no value, though it may, is left out. Defaults may have variables, which are
 * not in a circle.
 *
 * @throws {Problem} `invalid-request` that names the parameter, and for an unknown one lists the known
 */
export function resolveParameters(
  { parameters }: { readonly parameters: readonly TemplateParameter[] },
  given: Readonly<Record<string, string>>,
  sources: Sources,
): Resolved {
  assertKnown(parameters, given);
  const values = new Map<string, string | undefined>();
  const lookup = bounded((name) => {
    const known = parameters.find((each) => variablesOf([each]).includes(name));
    if (!known) return sources.builtin?.(name);
    if (!values.has(known.name)) settle(known);
    return values.get(name);
  });
  const settle = (parameter: TemplateParameter): void => {
    const { name } = parameter;
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = resolve(parameter, own, { ...sources, lookup });
    values.set(name, value);
    const kind = parameter.generate?.kind;
    if (isPair(kind) && value) values.set(publicName(name), publicHalf(name, kind, value));
  };
  for (const parameter of parameters) if (!values.has(parameter.name)) settle(parameter);
  const present = variablesOf(parameters).flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const secrets = parameters.filter(isSensitive).map(({ name }) => name);
  return { values: Object.fromEntries(present), secrets: new Set(secrets) };
}

function assertKnown(
  parameters: readonly TemplateParameter[],
  given: Readonly<Record<string, string>>,
): void {
  const names = parameters.map(({ name }) => name);
  const stranger = Object.keys(given).find((name) => !names.includes(name));
  if (stranger === undefined) return;
  const known = names.length > 0 ? `It has ${names.join(', ')}` : 'It has none';
  throw new Problem('invalid-request', `There is no parameter "${stranger}". ${known}.`);
}

function resolve(
  parameter: TemplateParameter,
  given: string | undefined,
  { random, lookup, foreseen = (text) => text }: Sources & { readonly lookup: Lookup },
): string | undefined {
  if (parameter.generate && !given) return generate(parameter.generate, random);
  const { name, default: standard } = parameter;
  const value =
    given ??
    (standard && atPath(`Parameter ${name}`, () => interpolate(standard, lookup))) ??
    standard;
  if (parameter.required && !value) {
    const sentence = `Parameter ${name} (${parameter.label}) is required.`;
    throw new Problem('invalid-request', sentence);
  }
  if (value !== undefined) assertValue(parameter, foreseen(value));
  return value;
}
