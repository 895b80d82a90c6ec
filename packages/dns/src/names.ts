/**
 * Names in three spellings: text (`web.home`), wire (length, label, …, 0), and key: the wire form as
 * a latin1 string in lower case, which is what names are looked up by. Lengths are below 64 and thus
 * no letters, so that lower case changes labels alone.
 */
import { Problem } from '@cep/contracts/problems';
import { LONGEST_NAME } from './protocol.ts';

/** Underscores are for names such as `_acme-challenge`. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

const WILDCARD = '*';

/**
 * The key of an absolute name; a dot at its end changes nothing. The first label may be `*` where
 * `wildcard` says so.
 *
 * @throws {Problem} `invalid-request`
 */
export function nameKey(text: string, { wildcard = false } = {}): string {
  const labels = text.toLowerCase().replace(/\.$/, '').split('.');
  const fits = (label: string, index: number) =>
    LABEL.test(label) || (wildcard && index === 0 && label === WILDCARD && labels.length > 1);
  const key = keyOf(labels);
  if (key.length <= LONGEST_NAME && labels.every(fits)) return key;
  throw new Problem('invalid-request', `"${text.slice(0, 80)}" is not a name that DNS can carry.`);
}

/** Joins labels that are known to be good. */
export const keyOf = (labels: readonly string[]): string =>
  `${labels.map((label) => String.fromCharCode(label.length) + label).join('')}\0`;

/** The name of a key, without the dot at its end. */
export function textOf(key: string): string {
  const labels: string[] = [];
  for (let rest = key; rest.charCodeAt(0) > 0; rest = parentKey(rest))
    labels.push(rest.slice(1, 1 + rest.charCodeAt(0)));
  return labels.join('.');
}

/** The key without its first label; of the root, nothing. */
export const parentKey = (key: string): string => key.slice(key.charCodeAt(0) + 1);

/** The key of the wildcard right below a name. */
export const wildcardBelow = (key: string): string => `\x01${WILDCARD}${key}`;

/** How many labels a name has. */
export function depth(key: string): number {
  let count = 0;
  for (let at = 0; key.charCodeAt(at) > 0; at += key.charCodeAt(at) + 1) count += 1;
  return count;
}

export const wireName = (key: string): Buffer => Buffer.from(key, 'latin1');
