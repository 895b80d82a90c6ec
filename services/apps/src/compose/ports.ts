import { Problem } from '@cep/contracts/problems';
import type { Context } from './context.ts';
import type { Port } from './model.ts';
import type { ComposeService } from './schema.ts';

type ComposePort = NonNullable<ComposeService['ports']>[number];

/** Ports below 1024 are the machine's: one that nobody insists on is moved up by this much. */
const UNPRIVILEGED = 1024;
const MOVED_BY = 8000;
/** More than this from one line is a mistake, or meant to hurt. */
const MAX_RANGE = 100;
const SHORT = /^(?:(\d+(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/;

/**
 * Reads `80`, `8080:80`, `8000-8009:9000-9009`, each with `/udp` if need be, and the long form. A
 * port without a published one wants its own number.
 *
 * @param service  whose they are; its entries may have been chosen by a person
 * @throws {Problem} `invalid-request` that begins with `path`
 */
export function readPorts(
  path: string,
  entries: readonly ComposePort[],
  { service, context }: { readonly service: string; readonly context: Context },
): Port[] {
  const ports = entries.flatMap((entry, index) => {
    const { isSaid, read } =
      typeof entry === 'string'
        ? readShort(`${path}/${index}`, entry)
        : readLong(`${path}/${index}`, entry);
    return read.map((port) => ({
      ...port,
      fixed: context.fixed(service, index, { ...port, isSaid }),
    }));
  });
  const seen = new Set<string>();
  for (const { published, protocol } of ports) {
    const claim = `${published}/${protocol}`;
    if (seen.has(claim)) throw new Problem('invalid-request', `${path} publish ${claim} twice.`);
    seen.add(claim);
  }
  return ports.map((port) => unprivileged(path, port, context));
}

/** The permission for a port below 1024. */
export const portPermission = ({ published, protocol }: Pick<Port, 'published' | 'protocol'>) =>
  `host-port:${published}/${protocol}`;

export const isPrivileged = ({ published }: Pick<Port, 'published'>): boolean =>
  published < UNPRIVILEGED;

function unprivileged(path: string, port: Port, { granted, note }: Context): Port {
  if (!isPrivileged(port) || port.fixed || granted?.(portPermission(port))) return port;
  const published = port.published + MOVED_BY;
  note?.(
    `${path}: ${port.published} is published on ${published} or above, as ${portPermission(port)} is not granted.`,
  );
  return { ...port, published };
}

interface Read {
  /** Whether it says which port is published. */
  readonly isSaid: boolean;
  readonly read: readonly Omit<Port, 'fixed'>[];
}

function readShort(path: string, text: string): Read {
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
  const read = targets.map((target, index) => ({
    target,
    protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
    published: published[index] ?? target,
  }));
  return { isSaid: host !== undefined, read };
}

function readLong(path: string, entry: Exclude<ComposePort, string>): Read {
  const { target, protocol = 'tcp' } = entry;
  const [published = target, ...more] = range(path, entry.published ?? `${target}`);
  if (more.length > 0) {
    throw new Problem('invalid-request', `${path}/published must be one port, not a range.`);
  }
  return { isSaid: entry.published !== undefined, read: [{ target, protocol, published }] };
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
