/** Shorter values are found in innocent words, and give little away. */
const SHORTEST = 4;

/**
 * @param secrets  values that must not be seen
 * @returns `text` without them, also where they stand as URLs or base64 have them
 */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((clean, form) => clean.replaceAll(form, '***'), text);
}
