import { Problem } from '@cep/contracts/problems';
import type { Port } from './model.ts';
import type { ComposeService } from './schema.ts';

type ComposePort = NonNullable<ComposeService['ports']>[number];

/** More than this from one line is a mistake, or meant to hurt. */
const MAX_RANGE = 100;
const SHORT = /^(?:(\d+(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/;

/**
 * Reads `80`, `8080:80`, `8000-8009:9000-9009`, each with `/udp` if need be, and the long form. A
 * port without a published one wants its own number.
 *
 * @param fixed  per entry, whether a person chose its published port
 * @throws {Problem} `invalid-request` that begins with `path`
 */
export function readPorts(
  path: string,
  entries: readonly ComposePort[],
  fixed: (index: number) => boolean,
): Port[] {
  const ports = entries.flatMap((entry, index) => {
    const one = typeof entry === 'string' ? readShort : readLong;
    return one(`${path}/${index}`, entry as never, fixed(index));
  });
  const seen = new Set<string>();
  for (const { published, protocol } of ports) {
    const claim = `${published}/${protocol}`;
    if (seen.has(claim)) throw new Problem('invalid-request', `${path} publish ${claim} twice.`);
    seen.add(claim);
  }
  return ports;
}

function readShort(path: string, text: string, fixed: boolean): Port[] {
  const [, host, container, protocol = 'tcp'] = SHORT.exec(text) ?? [];
  if (container === undefined) {
    throw new Problem(
      'invalid-request',
      `${path} must be PORT or PUBLISHED:PORT, with /udp if need be, not "${text}"; cep chooses the address.`,
    );
  }
  const targets = range(path, container);
  const published = range(path, host ?? container);
  if (published.length !== targets.length) {
    throw new Problem('invalid-request', `${path} has ranges of different lengths.`);
  }
  return targets.map((target, index) => ({
    target,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    published: published[index] ?? target,
    fixed,
  }));
}

function readLong(path: string, entry: Exclude<ComposePort, string>, fixed: boolean): Port[] {
  const [published = entry.target, ...more] = range(path, entry.published ?? `${entry.target}`);
  if (more.length > 0) {
    throw new Problem('invalid-request', `${path}/published must be one port, not a range.`);
  }
  return [{ target: entry.target, protocol: entry.protocol ?? 'tcp', published, fixed }];
}

function range(path: string, text: string): number[] {
  const [first, last = first] = text.split('-').map(portNumber);
  if (first === undefined || last === undefined || last < first || last - first >= MAX_RANGE) {
    throw new Problem(
      'invalid-request',
      `${path} must be ports from 1 to 65535, at most ${MAX_RANGE} of them, not "${text}".`,
    );
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function portNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
