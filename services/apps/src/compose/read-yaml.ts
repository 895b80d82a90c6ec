/**
 * YAML from people. The parser alone is not enough: a few kilobytes of aliases can grow to
 * gigabytes, and a deep enough nesting ends the whole process. So size, depth, aliases and tags are
 * bounded here, before anything else sees the document.
 */
import { Problem } from '@cep/contracts/problems';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 40;
const MAX_LEXEMES = 30_000;
const MAX_ALIASES = 100;

/** What a document holds: scalars are text as it was written, so that `1.0` stays `1.0`. */
export type Tree = string | null | Tree[] | { [key: string]: Tree };

/**
 * Reads one YAML 1.2 document, with merge keys. `no` is therefore text, as `restart` wants it.
 *
 * @param what  names the document in errors, e.g. `compose.yaml`
 * @throws {Problem} `invalid-request`, with the line where there is one
 */
export function readYaml(text: string, what: string): Tree {
  if (Buffer.byteLength(text) > MAX_BYTES) throw refused(what, 'is larger than 1 MiB');
  assertParsable(text, what);
  // Whether keys are unique is seen to below: the library compares each key with every other.
  const options = { merge: true, stringKeys: true, uniqueKeys: false };
  const document = parseDocument(text, options);
  const [error] = document.errors;
  if (error) throw refused(what, `is not YAML: ${error.message.split('\n')[0]}`);
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
    throw refused(what, 'must be YAML 1.2: take the %YAML line out');
  }
  tame(document, what);
  return expand(document, what);
}

/** Counts without recursion, as the parser proper recurses and dies where no error can be caught. */
function assertParsable(text: string, what: string): void {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    lexemes += 1;
    if (parser.stack.length > MAX_DEPTH) throw refused(what, 'is nested too deeply');
    if (lexemes > MAX_LEXEMES) throw refused(what, 'has too many values');
  }
}

/** Refuses what may not be, and gives every scalar back the text that it was written as. */
function tame(document: Document, what: string): void {
  let aliases = 0;
  visit(document, {
    Node(_key, node, path) {
      if (isAlias(node)) {
        aliases += 1;
        if (aliases > MAX_ALIASES) throw refused(what, 'has too many aliases');
        return assertFinite(node, path, document, what);
      }
      if (node.tag) throw refused(what, `may not have tags, as ${node.tag} is`);
      if (isMap(node)) return assertUnique(node, what);
      if (isScalar(node) && ['number', 'boolean', 'bigint'].includes(typeof node.value)) {
        node.value = node.source ?? String(node.value);
      }
    },
  });
}

function assertFinite(alias: Alias, path: readonly unknown[], document: Document, what: string) {
  const target = alias.resolve(document);
  if (target && path.includes(target)) throw refused(what, `has "*${alias.source}" in itself`);
}

function assertUnique({ items }: YAMLMap, what: string): void {
  const keys = items.map(({ key }) => (isScalar(key) ? (key.source ?? String(key.value)) : key));
  const seen = new Set<unknown>();
  for (const key of keys) {
    if (seen.has(key)) throw refused(what, `has the key "${String(key)}" twice in one map`);
    seen.add(key);
  }
}

function expand(document: Document, what: string): Tree {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    // The library throws only for aliases: unknown, too many, or merged without being a map.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Problem('invalid-request', `${what} cannot be expanded: ${reason}.`, { cause });
  }
}

const refused = (what: string, why: string) => new Problem('invalid-request', `${what} ${why}.`);
