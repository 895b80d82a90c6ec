/** What a converter makes: a template of ours, and what it could not carry over. */

export type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };
export type Members = { [key: string]: Tree };

/** A parameter as `x-cep` has it; only what converters say. */
export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'password' | 'port' | 'select';
  readonly label: string;
  readonly help?: string;
  readonly default?: string;
  readonly options?: { readonly value: string; readonly label?: string }[];
  readonly generate?: { readonly kind: 'alnum' };
  readonly immutable?: boolean;
}

/** What its source says of an app for people. */
export interface About {
  readonly id: string;
  readonly name?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly category?: string;
  readonly website?: string;
}

export interface Converted {
  readonly id: string;
  /** The template, for `compose.yaml`. */
  readonly compose: Members;
  readonly readme: string;
  /** One sentence for each thing that was dropped or changed, and why. */
  readonly warnings: readonly string[];
}

/** Collects parameters and warnings while an app is converted. */
export class Draft {
  readonly parameters: Parameter[] = [];
  readonly warnings: string[] = [];

  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }

  has(name: string): boolean {
    return this.parameters.some((parameter) => parameter.name === name);
  }

  /** The name, or the name with a number where it is taken. */
  free(name: string): string {
    for (let count = 1; ; count += 1) {
      const candidate = count === 1 ? name : `${name}_${count}`;
      if (!this.has(candidate)) return candidate;
    }
  }
}

export const isMembers = (tree: Tree | undefined): tree is Members =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);

export const membersOf = (tree: Tree | undefined): Members => (isMembers(tree) ? tree : {});

export const listOf = (tree: Tree | undefined): Tree[] =>
  Array.isArray(tree) ? tree : tree === undefined || tree === null ? [] : [tree];

export const textOf = (tree: Tree | undefined): string | undefined =>
  typeof tree === 'string' || typeof tree === 'number' || typeof tree === 'boolean'
    ? String(tree)
    : undefined;

/** A DNS label of at most 63 characters, or `otherwise` when nothing is left of the text. */
export function slug(text: string, otherwise = 'app'): string {
  const words = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return words.replace(/^-+/, '').slice(0, 63).replace(/-+$/, '') || otherwise;
}

/** One line of at most so many characters. */
export function line(text: string, most: number): string {
  const flat = text.replace(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
  return flat.length <= most ? flat : `${flat.slice(0, most - 1).trimEnd()}…`;
}
