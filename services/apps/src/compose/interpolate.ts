/**
 * Variables in compose files: `$A`, `${A}`, `${A:-b}`, `${A-b}`, `${A:?e}`, `${A?e}`, `${A:+b}`,
 * `${A+b}`, where `b` and `e` may hold variables again, and `$$` for a dollar sign. With the colon
 * an empty value counts as none.
 */
import { Problem } from '@cep/contracts/problems';
import { atPath } from './at-path.ts';
import type { Tree } from './read-yaml.ts';

/** A variable's value, or undefined where it has none; throws for a name that nobody declared. */
export type Lookup = (name: string) => string | undefined;

interface Variable {
  readonly name: string;
  readonly operator: '' | '-' | '?' | '+';
  /** Whether an empty value counts as none. */
  readonly colon: boolean;
  readonly word: readonly Part[];
}
type Part = string | Variable;

const MAX_NESTING = 16;
const MAX_VALUES = 50_000;
const MAX_INSERTED = 4 * 1024 * 1024;
const VARIABLE = /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\}|(:?)([-?+])))/y;

/**
 * @returns the text with its variables replaced; what a variable holds is not looked at again
 * @throws {Problem} `invalid-request` for broken syntax, or as `${A:?e}` demands
 */
export const interpolate = (text: string, lookup: Lookup): string => evaluate(parse(text), lookup);

/** The names of all variables in the text, also of those that a value would make unnecessary. */
export const variablesIn = (text: string): string[] => [...names(parse(text))];

/** Interpolates every value (never a key); problems begin with the value's path. */
export function interpolateTree(tree: Tree, lookup: Lookup, path = 'compose'): Tree {
  const within = bounded(lookup);
  return mapTree(tree, path, (text) => interpolate(text, within));
}

/** @returns a lookup that gives 4 Mi characters in all, and then throws: a short text can name a long one often */
export function bounded(lookup: Lookup): Lookup {
  let room = MAX_INSERTED;
  return (name) => {
    const value = lookup(name);
    room -= value?.length ?? 0;
    if (room < 0) throw broken('The variables of this file make it too large.');
    return value;
  };
}

interface Found {
  readonly name: string;
  /** Of the value that it is in. */
  readonly path: string;
  /** Whether the text has nothing else to be when it has no value. */
  readonly isRequired: boolean;
}

/** Every variable in the values of a tree. */
export function variablesInTree(tree: Tree, path = 'compose'): Found[] {
  const found: Found[] = [];
  mapTree(tree, path, (text, at) => {
    const parts = parse(text);
    const required = new Set(parts.filter(isPlain).map(({ name }) => name));
    for (const name of names(parts)) found.push({ name, path: at, isRequired: required.has(name) });
    return text;
  });
  return found;
}

const isPlain = (part: Part): part is Variable => typeof part === 'object' && part.operator === '';

type MapText = (text: string, path: string) => string;

/** Aliases can name one large part a hundred times; a copy of the tree has it a hundred times. */
function mapTree(tree: Tree, path: string, map: MapText): Tree {
  let room = MAX_VALUES;
  return copy(tree, path);

  function copy(value: Tree, at: string): Tree {
    room -= 1;
    if (room < 0) throw broken(`${path} has too many values.`);
    if (value === null) return null;
    if (typeof value === 'string') return atPath(at, () => map(value, at));
    if (Array.isArray(value)) return value.map((item, index) => copy(item, `${at}/${index}`));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, copy(item, `${at}/${key}`)]),
    );
  }
}

const parse = (text: string): Part[] => parseUntil(text, 0, 0).parts;

/** Parses up to the end, or within braces (`nesting` > 0) to the brace that closes them. */
function parseUntil(text: string, start: number, nesting: number): { parts: Part[]; end: number } {
  if (nesting > MAX_NESTING) throw broken('Variables are nested too deeply.');
  const parts: Part[] = [];
  let at = start;
  while (at < text.length && !(nesting > 0 && text[at] === '}')) {
    const next = text[at] === '$' ? parseVariable(text, at, nesting) : parseText(text, at, nesting);
    parts.push(next.part);
    at = next.end;
  }
  if (nesting > 0 && at === text.length) throw broken('A "${" is never closed.');
  return { parts, end: at };
}

function parseText(text: string, start: number, nesting: number): { part: Part; end: number } {
  const stop = nesting > 0 ? /[$}]/g : /\$/g;
  stop.lastIndex = start;
  const end = stop.exec(text)?.index ?? text.length;
  return { part: text.slice(start, end), end };
}

function parseVariable(text: string, start: number, nesting: number): { part: Part; end: number } {
  VARIABLE.lastIndex = start;
  const match = VARIABLE.exec(text);
  if (!match)
    throw broken(`"${text.slice(start, start + 20)}" is no variable; write "$$" for "$".`);
  const [whole, dollar, bare, braced = '', colon, operator] = match;
  const end = start + whole.length;
  if (dollar) return { part: '$', end };
  if (!operator) return { part: plain(bare ?? braced), end };
  const word = parseUntil(text, end, nesting + 1);
  const part = { name: braced, operator: operator as '-', colon: colon === ':', word: word.parts };
  return { part, end: word.end + 1 };
}

const plain = (name: string): Variable => ({ name, operator: '', colon: false, word: [] });

const evaluate = (parts: readonly Part[], lookup: Lookup): string =>
  parts.map((part) => (typeof part === 'string' ? part : valueOf(part, lookup))).join('');

function valueOf({ name, operator, colon, word }: Variable, lookup: Lookup): string {
  const value = lookup(name);
  const present = colon ? Boolean(value) : value !== undefined;
  if (operator === '+') return present ? evaluate(word, lookup) : '';
  if (operator === '' || present) return value ?? '';
  if (operator === '-') return evaluate(word, lookup);
  throw broken(evaluate(word, lookup) || `${name} must have a value.`);
}

function* names(parts: readonly Part[]): Generator<string> {
  for (const part of parts) {
    if (typeof part === 'string') continue;
    yield part.name;
    yield* names(part.word);
  }
}

const broken = (sentence: string) => new Problem('invalid-request', sentence);
