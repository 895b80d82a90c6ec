/** Ports of another store's app, each with a parameter of ours, so that cep finds a free one. */
import { type Draft, isMembers, line, type Members, type Tree, textOf } from './draft.ts';

export interface PublishedPort {
  readonly target: number;
  readonly protocol: 'tcp' | 'udp';
}

const SHORT =
  /^(?:(?:\d+(?:\.\d+){3}|\[[\da-f:]+\]):)?(?:(\d+(?:-\d+)?):)?(\d+(?:-\d+)?)(?:\/(tcp|udp))?$/i;
const FIRST_UNPRIVILEGED = 1024;

/** @returns the entries for compose, and the ports they publish */
export function convertPorts(draft: Draft, service: string, entries: readonly Tree[]) {
  const ports: string[] = [];
  const published: PublishedPort[] = [];
  for (const entry of entries) {
    const [, host, target, protocol = 'tcp'] = SHORT.exec(shortOf(entry)) ?? [];
    if (target === undefined) {
      draft.warn(
        `${service}: the port ${line(JSON.stringify(entry), 60)} is left out: it is none.`,
      );
      continue;
    }
    const suffix = protocol.toLowerCase() === 'udp' ? '/udp' : '';
    if (target.includes('-') || host?.includes('-')) {
      ports.push(`${host ? `${host}:` : ''}${target}${suffix}`);
      continue;
    }
    const usual = unprivileged(draft, service, Number(host ?? target));
    ports.push(`\${${askFor(draft, usual)}:-${usual}}:${target}${suffix}`);
    published.push({ target: Number(target), protocol: suffix ? 'udp' : 'tcp' });
  }
  return { ports, published };
}

/** Both forms as one line, with the default in place of a variable: cep has a parameter of its own. */
function shortOf(entry: Tree): string {
  const known = (text = '') =>
    text.replace(/\$\{\w+:?-([^}]*)\}/g, '$1').replace(/\$\{?\w+\}?:/g, '');
  if (!isMembers(entry)) return known(textOf(entry));
  const { published, target, protocol } = entry satisfies Members;
  const host = known(textOf(published)).replace(/\D/g, '');
  return `${host ? `${host}:` : ''}${textOf(target) ?? ''}${protocol === 'udp' ? '/udp' : ''}`;
}

function unprivileged(draft: Draft, service: string, port: number): number {
  if (port >= FIRST_UNPRIVILEGED) return port;
  draft.warn(
    `${service}: port ${port} becomes ${8000 + port}: those below 1024 are the server's own.`,
  );
  return 8000 + port;
}

function askFor(draft: Draft, usual: number): string {
  const name = draft.free('PORT');
  const label = name === 'PORT' ? 'Port' : `Port ${name.slice('PORT_'.length)}`;
  draft.parameters.push({
    name,
    type: 'port',
    label,
    help: `Usually ${usual}, or the next free one.`,
  });
  return name;
}
