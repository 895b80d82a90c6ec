/** Keeps secrets out of what is shown of an app. Pure. */
import { soundsSecret } from '../templates/own-file.ts';

export const HIDDEN = '(hidden)';

/** Short values stand in many texts by chance; hiding those would hide everything. */
const SHORTEST = 4;

/**
 * @param secrets  values that are not to be seen, also as a part of another
 * @returns a function that gives a text without them
 */
export function hiding(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}

/** The values of an environment that are known to be secret, or whose names sound so. */
export function hideEnvironment(
  environment: Readonly<Record<string, string>>,
  hide: (text: string) => string,
  secrets: readonly string[],
): Record<string, string> {
  const shown = Object.entries(environment).map(([name, value]) => {
    const isSecret = value !== '' && (soundsSecret(name) || secrets.includes(value));
    return [name, isSecret ? HIDDEN : hide(value)] as const;
  });
  return Object.fromEntries(shown);
}
