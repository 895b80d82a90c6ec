/** Whether the parameters of a template make sense before anybody gives them values. Pure. */
import { Problem } from '@cep/contracts/problems';
import { atPath } from '../compose/at-path.ts';
import { interpolate, variablesIn } from '../compose/interpolate.ts';
import { isPair } from './key-pairs.ts';
import type { TemplateParameter } from './parameter-schema.ts';
import { amountOf, assertValue } from './parameter-values.ts';
import { isForFiles, isSensitive, variablesOf } from './parameters.ts';

/** Each takes a moment to make, for which everybody waits. */
const MOST_RSA = 2;

/** @throws {Problem} `invalid-request` for what nobody could set, or that contradicts itself or others */
export function assertParameters(parameters: readonly TemplateParameter[]): void {
  const names = variablesOf(parameters);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw refused(`x-cep/parameters has ${twice} twice`);
  const rsa = parameters.filter(({ generate }) => generate?.kind === 'rsa');
  if (rsa.length > MOST_RSA) throw refused(`x-cep/parameters has more than ${MOST_RSA} RSA keys`);
  for (const parameter of parameters) {
    assertSensible(parameter, names);
    assertReferences(parameter, parameters);
  }
  assertNoCircle(parameters);
}

const pathOf = ({ name }: TemplateParameter): string => `x-cep/parameters: ${name}`;

/** The variables of its default. */
const referencesOf = (parameter: TemplateParameter): string[] =>
  atPath(pathOf(parameter), () => variablesIn(parameter.default ?? ''));

function assertSensible(parameter: TemplateParameter, names: readonly string[]): void {
  const { name, type, options, generate, min, max, showIf, target } = parameter;
  const path = pathOf(parameter);
  if (showIf && !names.includes(showIf.param)) {
    throw refused(`${path} is shown if "${showIf.param}", which is no parameter`);
  }
  if ((type === 'select' || type === 'multiselect') !== (options !== undefined)) {
    throw refused(`${path} must have options if, and only if, it is a select or multiselect`);
  }
  if ((min ?? max) !== undefined && amountOf(type, '1') === undefined) {
    throw refused(`${path} has a bound, but no order`);
  }
  if (isPair(generate?.kind) && type !== 'secret') {
    throw refused(`${path} is a private key: its type must be secret`);
  }
  if (type === 'file' && target === 'env') {
    throw refused(`${path} is a file, which is not for the environment: leave target out`);
  }
  if (parameter.default === undefined) return;
  if (generate) throw refused(`${path} is generated and has a default`);
  if (type === 'port') {
    throw refused(`${path} may not have a default; write \${${name}:-8080} where it is published`);
  }
  if (referencesOf(parameter).length > 0) return;
  assertValue(
    parameter,
    interpolate(parameter.default, () => undefined),
  );
}

/** A value is not to come out by another one that takes it in. */
function assertReferences(
  parameter: TemplateParameter,
  parameters: readonly TemplateParameter[],
): void {
  for (const name of referencesOf(parameter)) {
    const other = parameters.find((each) => each.name === name);
    if (!other) continue;
    if (isSensitive(other) && !isSensitive(parameter)) {
      throw refused(`${pathOf(parameter)} has the secret ${name} in it: mark it sensitive too`);
    }
    if (isForFiles(other) && !isForFiles(parameter)) {
      throw refused(`${pathOf(parameter)} has ${name} in it: its target must be file too`);
    }
  }
}

function assertNoCircle(parameters: readonly TemplateParameter[]): void {
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    const parameter = parameters.find((each) => variablesOf([each]).includes(name));
    if (!parameter || done.has(parameter.name)) return;
    const own = parameter.name;
    if (above.includes(own)) {
      const circle = [...above.slice(above.indexOf(own)), own].join(' → ');
      throw refused(`x-cep/parameters have defaults in a circle: ${circle}`);
    }
    for (const next of referencesOf(parameter)) visit(next, [...above, own]);
    done.add(own);
  };
  for (const { name } of parameters) visit(name, []);
}

/** @returns the variables whose values have one of `sources` in them, by way of defaults */
export function madeOf(
  parameters: readonly TemplateParameter[],
  isSource: (name: string) => boolean,
): Set<string> {
  const found = new Set<string>();
  const isIn = (name: string): boolean => isSource(name) || found.has(name);
  for (let grew = true; grew; ) {
    const more = parameters.filter(
      (each) => !found.has(each.name) && referencesOf(each).some(isIn),
    );
    for (const { name } of more) found.add(name);
    grew = more.length > 0;
  }
  return found;
}

const refused = (sentence: string) => new Problem('invalid-request', `${sentence}.`);
