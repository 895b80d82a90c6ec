/** In the order in which they run: the quick ones fail first. */
const SUITES = ['unit', 'service', 'e2e'] as const;

export type Suite = (typeof SUITES)[number];

interface Options {
  readonly suites: readonly Suite[];
  /** For jest: patterns of paths, `-t NAME`, … */
  readonly rest: readonly string[];
}

/**
 * Reads `[--only SUITE[,SUITE]] [what jest understands…]`.
 *
 * @throws with a sentence naming an unknown suite
 */
export function parseOptions(args: readonly string[]): Options {
  const at = args.indexOf('--only');
  if (at < 0) return { suites: SUITES, rest: args };
  const suites = (args[at + 1] ?? '').split(',').map((name) => {
    const suite = SUITES.find((known) => known === name);
    if (suite) return suite;
    throw new Error(`--only takes ${SUITES.join(', ')}, or several with commas; not "${name}"`);
  });
  return { suites, rest: args.toSpliced(at, 2) };
}
