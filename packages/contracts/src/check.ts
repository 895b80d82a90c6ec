import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';
import { nearest } from './nearest.ts';
import { Problem } from './problems.ts';

const reader = (coerceTypes: boolean | 'array') =>
  formats.default(new Ajv({ useDefaults: true, verbose: true, coerceTypes }));

const readers = { json: reader(false), text: reader('array'), scalars: reader(true) };

/**
 * Compiles a schema once, for values that arrive from outside.
 *
 * @param what  names the value in errors, e.g. `body`
 * @param from  `text` turns `'20'` into `20` where the schema asks for a number: for paths, queries
 *   and environment variables, which are text on the wire; `scalars` does so for documents whose
 *   lists and maps are already what they should be
 * @returns a function that returns its argument, defaults filled in, or throws `invalid-request`
 */
export function checker<S extends TSchema>(
  schema: S,
  what: string,
  from: keyof typeof readers = 'json',
) {
  const matches = readers[from].compile(schema);
  return (value: unknown): Static<S> => {
    if (matches(value)) return value as Static<S>;
    throw new Problem('invalid-request', `${what}${explain(matches.errors?.[0])}.`);
  };
}

/** Rules of text that the schema's description puts better than the rule itself. */
const FOR_MACHINES = new Set(['pattern', 'format', 'minLength', 'maxLength']);

/** e.g. `/groups/0 is not valid: lower-case …`, ` has no member "gruops"`; the schema's description helps. */
function explain(error?: ErrorObject): string {
  if (!error) return ' is not valid';
  const stranger = unknownMember(error);
  if (stranger !== undefined) {
    const meant = nearest(stranger, Object.keys(error.parentSchema?.properties ?? {}));
    const hint = meant === undefined ? '' : `; did you mean "${meant}"`;
    return `${error.instancePath} has no member "${stranger}"${hint}`;
  }
  const hint = error.parentSchema?.description;
  if (hint && FOR_MACHINES.has(error.keyword)) return `${error.instancePath} is not valid: ${hint}`;
  const values = error.params.allowedValues as string[] | undefined;
  const extra = values ? `: ${values.join(', ')}` : hint ? ` (${hint})` : '';
  return `${error.instancePath} ${error.message}${extra}`;
}

/** A misspelt member is both unknown and missing; that it is unknown helps more. */
function unknownMember({ keyword, params, data, parentSchema }: ErrorObject): string | undefined {
  if (keyword === 'additionalProperties') return params.additionalProperty;
  if (keyword !== 'required' || parentSchema?.additionalProperties !== false) return undefined;
  return Object.keys(data as object).find((name) => !Object.hasOwn(parentSchema.properties, name));
}
