import { Problem } from '@cep/contracts/problems';
import type { Healthcheck } from './model.ts';
import { durationAt } from './quantities.ts';
import type { ComposeService } from './schema.ts';

/** Docker's own defaults. */
const INTERVAL = 30_000;
const TIMEOUT = 30_000;
const RETRIES = 3;

/**
 * Times are whole milliseconds, as Docker refuses less than one.
 *
 * @param own  without `injectedHealth` it is probed no faster while it starts than the file says
 * @returns null when nothing is said, which leaves the image's own check; the test `['NONE']` switches
 *   that off
 * @throws {Problem} `invalid-request` that begins with `path`
 */
export function readHealthcheck(
  path: string,
  check: ComposeService['healthcheck'],
  own: ComposeService['x-cep'] = {},
): Healthcheck | null {
  if (!check) return null;
  const time = (
    key: 'interval' | 'timeout' | 'start_period' | 'start_interval',
    otherwise: number,
  ) => {
    const text = check[key];
    return text === undefined ? otherwise : Math.ceil(durationAt(`${path}/${key}`, text));
  };
  const interval = time('interval', INTERVAL) || INTERVAL;
  const startInterval = time('start_interval', (own.injectedHealth ?? true) ? 0 : interval);
  return {
    test: check.disable ? ['NONE'] : readTest(`${path}/test`, check.test),
    interval,
    timeout: time('timeout', TIMEOUT) || TIMEOUT,
    startPeriod: time('start_period', 0),
    retries: check.retries ?? RETRIES,
    ...(startInterval > 0 && { startInterval }),
  };
}

function readTest(path: string, test: string | string[] | undefined): string[] {
  if (typeof test === 'string' && test.trim()) return ['CMD-SHELL', test];
  const [kind, ...words] = typeof test === 'object' ? test : [];
  if (kind === 'NONE' && words.length === 0) return [kind];
  if (kind === 'CMD' && words.length > 0) return [kind, ...words];
  if (kind === 'CMD-SHELL' && words.length === 1) return [kind, ...words];
  throw new Problem(
    'invalid-request',
    `${path} must be a line, or a list that begins with CMD, CMD-SHELL or NONE.`,
  );
}
