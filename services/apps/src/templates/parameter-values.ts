import { isIP } from 'node:net';
import { Problem } from '@cep/contracts/problems';
import { parseDuration, parseSize } from '../compose/quantities.ts';
import { matches } from './matches.ts';
import type { TemplateParameter } from './parameter-schema.ts';

type ParameterType = TemplateParameter['type'];

/** What each type takes, and the words for it. A number is what `min` and `max` compare with. */
const rules: Record<ParameterType, { takes: (text: string) => boolean; words: string }> = {
  string: { takes: isLine, words: 'one line of text' },
  text: { takes: () => true, words: 'text' },
  password: { takes: isLine, words: 'one line of text' },
  secret: { takes: () => true, words: 'text' },
  integer: { takes: (text) => /^-?\d{1,15}$/.test(text), words: 'a whole number' },
  number: { takes: (text) => /^-?\d{1,15}(\.\d{1,15})?$/.test(text), words: 'a number' },
  boolean: { takes: (text) => text === 'true' || text === 'false', words: 'true or false' },
  select: { takes: () => true, words: 'one of its options' },
  multiselect: { takes: () => true, words: 'some of its options, with commas between' },
  ip: { takes: (text) => isIP(text) !== 0, words: 'an IP address' },
  user: { takes: (text) => /^\d{1,9}(:\d{1,9})?$/.test(text), words: 'a user such as 1000:1000' },
  port: { takes: isPort, words: 'a port from 1 to 65535' },
  size: { takes: (text) => parseSize(text) !== undefined, words: 'a size such as 512m' },
  duration: { takes: (text) => parseDuration(text) !== undefined, words: 'a duration such as 90s' },
  url: { takes: isUrl, words: 'a URL such as https://example.com' },
  hostname: { takes: isHostname, words: 'a host name such as files.example.com' },
  email: { takes: (text) => /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(text), words: 'an e-mail address' },
  file: { takes: () => true, words: 'text' },
  timezone: { takes: isTimezone, words: 'a time zone such as Europe/Rome' },
};

/**
 * Checks a value that is present; an empty one is checked like any other. What is wrong with a
 * sensitive one is said without quoting it.
 *
 * @throws {Problem} `invalid-request` that names the parameter and what it takes
 */
export function assertValue(parameter: TemplateParameter, value: string): void {
  const { name, type, options } = parameter;
  if (value.includes('\0')) throw refused(name, 'must not have a NUL');
  // Halves of characters, which no file and no environment can hold.
  if (/\p{Surrogate}/u.test(value)) throw refused(name, 'must be Unicode text');
  if (!rules[type].takes(value)) throw refused(name, `must be ${rules[type].words}`);
  const values = options?.map((option) => option.value) ?? [];
  if (type === 'select' && !values.includes(value)) {
    throw refused(name, `must be one of ${values.join(', ')}`);
  }
  const chosen = type === 'multiselect' && value !== '' ? value.split(',') : [];
  if (!chosen.every((each) => values.includes(each))) {
    throw refused(name, `must be some of ${values.join(', ')}, with commas between`);
  }
  assertBounds(parameter, value);
  assertLength(parameter, value);
}

function assertBounds({ name, type, min, max }: TemplateParameter, value: string): void {
  const amount = amountOf(type, value);
  if (amount === undefined) return;
  if (min !== undefined && amount < min) throw refused(name, `must be at least ${min}`);
  if (max !== undefined && amount > max) throw refused(name, `must be at most ${max}`);
}

function assertLength(parameter: TemplateParameter, value: string): void {
  const { name, minLength = 0, maxLength = 65536, pattern, patternError } = parameter;
  if (value.length < minLength) throw refused(name, `must have at least ${minLength} characters`);
  if (value.length > maxLength) throw refused(name, `must have at most ${maxLength} characters`);
  const isMatch = pattern === undefined ? true : matches(pattern, value);
  if (isMatch) return;
  if (isMatch === undefined) throw refused(name, `takes too long to match ${pattern}`);
  throw refused(name, patternError ?? `must match ${pattern}`);
}

/** Sizes are compared in bytes, durations in seconds; undefined for what has no order. */
export function amountOf(type: ParameterType, value: string): number | undefined {
  if (type === 'integer' || type === 'number' || type === 'port') return Number(value);
  if (type === 'size') return parseSize(value);
  if (type === 'duration') return (parseDuration(value) ?? 0) / 1000;
  return undefined;
}

function isLine(text: string): boolean {
  return !/[\r\n]/.test(text);
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535;
}

function isUrl(text: string): boolean {
  return isLine(text) && URL.canParse(text) && new URL(text).host !== '';
}

function isHostname(text: string): boolean {
  return text.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.|$))+$/i.test(text);
}

function isTimezone(text: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }));
  } catch {
    return false;
  }
}

const refused = (name: string, why: string) =>
  new Problem('invalid-request', `Parameter ${name} ${why}.`);
