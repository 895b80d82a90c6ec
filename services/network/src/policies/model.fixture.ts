/**
 * What nebula does with the rules of one direction, written after its own way: a table for each
 * protocol, from port to who is the peer there (`firewall.go`: AddRule, firewallTable.match).
 */
import type { AllowRule } from './compile.ts';
import type { Member } from './members.ts';

type Ports = Map<string, Set<string>>;

export interface ModelPacket {
  readonly protocol: string;
  readonly port: number;
  /** A later part of a packet that was split: it shows no port. */
  readonly fragment?: boolean;
}

/** @param peer  as its certificate says */
export function lets(
  rules: readonly AllowRule[],
  peer: Member,
  { protocol, port, fragment = false }: ModelPacket,
): boolean {
  const tables = load(rules);
  const place = fragment ? 'fragment' : `${port}`;
  return ['any', protocol].some((each) =>
    [place, 'any'].some((key) => matches(tables.get(each)?.get(key), peer)),
  );
}

function load(rules: readonly AllowRule[]): Map<string, Ports> {
  const tables = new Map<string, Ports>();
  for (const rule of rules) {
    const table = tables.get(rule.protocol) ?? new Map<string, Set<string>>();
    tables.set(rule.protocol, table);
    for (const key of keysOf(rule)) {
      table.set(key, new Set([...(table.get(key) ?? []), JSON.stringify(rule.peer)]));
    }
  }
  return tables;
}

/** A range is an entry for each of its ports. */
function keysOf({ port }: AllowRule): string[] {
  const [first = NaN, last = first] = port.split('-').map(Number);
  if (Number.isNaN(first)) return [port];
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`);
}

function matches(peers: Set<string> | undefined, { name, groups }: Member): boolean {
  const names = [{ any: true }, { host: name }, ...groups.map((group) => ({ group }))];
  return names.some((each) => peers?.has(JSON.stringify(each)));
}
