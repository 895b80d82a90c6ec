/** Whether a template can be deployed at all, told before anybody tries. Pure. */
import { Problem } from '@cep/contracts/problems';
import { asWished } from '../endpoints/variables.ts';
import { assertAllowed, judgeApp } from '../renderings/verdict.ts';
import { USER } from '../templates/builtins.ts';
import { isPair, makePair, type Pair } from '../templates/key-pairs.ts';
import type { TemplateParameter } from '../templates/parameter-schema.ts';
import { assertValue } from '../templates/parameter-values.ts';
import { resolveParameters } from '../templates/parameters.ts';
import { render } from '../templates/render.ts';
import { sourcesOf, type Template } from '../templates/template.ts';

const ID = '00000000-0000-4000-8000-000000000000';
const ADDRESS = '127.0.0.1';

/**
 * Renders a template with nothing set, and has it judged with all that its header asks for granted.
 * What must be set is stood in for: by its `placeholder`, where that can be its value.
 *
 * @throws {Problem} that names the path or the rule, and what it was tried with
 */
export function tryTemplate(template: Template, registries?: readonly string[]): void {
  const open = template.parameters.filter(mustBeSet);
  const standIns = Object.fromEntries(open.map((each) => [each.name, standInFor(each)]));
  try {
    judge(template, standIns, registries);
  } catch (error) {
    if (open.length === 0 || !(error instanceof Problem)) throw error;
    const tried = Object.entries(standIns).map(([name, value]) => `${name}=${value.slice(0, 50)}`);
    const sentence = `${error.message} It was tried with ${tried.join(', ')}: a parameter's placeholder says otherwise.`;
    throw new Problem(error.code, sentence, { cause: error });
  }
}

function judge(
  template: Template,
  standIns: Readonly<Record<string, string>>,
  registries: readonly string[] | undefined,
): void {
  const parameters = template.parameters.filter(({ name }) => !Object.hasOwn(standIns, name));
  const builtins = {
    ...{ CEP_APP_ID: ID, CEP_APP_NAME: template.id },
    ...{ CEP_HOST: ADDRESS, CEP_TZ: 'UTC', CEP_LANG: 'en', ...USER },
  };
  const { builtin, foreseen } = sourcesOf(template, builtins);
  const { values } = resolveParameters({ parameters }, pairsFor(parameters), {
    random: (n) => Buffer.alloc(n, 90),
    builtin: (name) => (Object.hasOwn(standIns, name) ? standIns[name] : builtin?.(name)),
    foreseen,
  });
  const granted = new Set(template.permissions.map(({ permission }) => permission));
  const rendered = render(template, { ...values, ...standIns }, builtins, { granted });
  const { refusals } = judgeApp(template, asWished(rendered, rendered, ADDRESS), {
    ...{ app: { id: ID, name: template.id, generation: 1 }, address: ADDRESS },
    ...{ owner: { instance: ID, projectId: ID }, granted, registries },
  });
  assertAllowed(refusals);
}

/** One pair of a kind does for all: making an RSA key takes a tenth of a second. */
const pairs = new Map<Pair, string>();

function pairsFor(parameters: readonly TemplateParameter[]): Record<string, string> {
  return Object.fromEntries(
    parameters.flatMap(({ name, generate }) => {
      const kind = generate?.kind;
      if (!isPair(kind)) return [];
      const pair = pairs.get(kind) ?? makePair(kind);
      pairs.set(kind, pair);
      return [[name, pair] as const];
    }),
  );
}

const mustBeSet = (parameter: TemplateParameter): boolean =>
  parameter.required && !parameter.generate && !parameter.default;

function standInFor(parameter: TemplateParameter): string {
  const { placeholder } = parameter;
  if (placeholder !== undefined && isValue(parameter, placeholder)) return placeholder;
  const { type, options, min, minLength = 0, maxLength } = parameter;
  const [first] = options ?? [];
  if (first) return first.value;
  const example = EXAMPLES[type];
  if (example === undefined) return 'example'.padEnd(minLength, '-').slice(0, maxLength);
  return min !== undefined && !isValue(parameter, example) ? String(min) : example;
}

function isValue(parameter: TemplateParameter, value: string): boolean {
  try {
    assertValue(parameter, value);
    return true;
  } catch {
    return false;
  }
}

/** Of the types that do not take any text. */
const EXAMPLES: Partial<Record<TemplateParameter['type'], string>> = {
  boolean: 'true',
  duration: '1m',
  email: 'someone@example.com',
  hostname: 'example.com',
  integer: '1',
  ip: '192.0.2.1',
  number: '1',
  port: '8080',
  size: '64m',
  timezone: 'UTC',
  url: 'https://example.com',
  user: '1000:1000',
};
