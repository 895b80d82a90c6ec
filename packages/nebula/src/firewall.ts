import { Problem } from '@cep/contracts/problems';
import { checkGroups, checkHostName } from './names.ts';
import { parsePrefix } from './prefixes.ts';

/**
 * Whom a rule is for: everyone, the host of a name, the members of a group, of all of several
 * groups, or a range of overlay addresses. One only: nebula reads several as alternatives.
 */
export type Selector =
  | 'any'
  | { readonly host: string }
  | { readonly group: string }
  | { readonly groups: readonly string[] }
  | { readonly cidr: string };

/** Lets traffic in or out, for there are no rules that keep it back. */
export interface FirewallRule {
  readonly proto: 'any' | 'tcp' | 'udp' | 'icmp';
  /**
   * Of the host that is called: `any`, `443`, or `8000-8099`; ICMP has `any`. `fragment`: later parts
   * of a split packet.
   */
  readonly port: 'any' | 'fragment' | number | `${number}-${number}`;
  /** The host at the other end. */
  readonly peer: Selector;
}

/** What lets everything in, or out. */
export const EVERYTHING: readonly FirewallRule[] = [{ proto: 'any', port: 'any', peer: 'any' }];

const LAST_PORT = 65_535;

/**
 * A rule in nebula's own words (`firewall.go`, AddFirewallRulesFromConfig).
 *
 * @throws {Problem} `invalid-request` for rules that nebula would refuse, or would read as wider
 *   than they are written
 */
export function toNebulaRule({ proto, port, peer }: FirewallRule): Record<string, unknown> {
  if (!isPort(port) || (proto === 'icmp' && port !== 'any'))
    throw new Problem('invalid-request', `A rule for ${proto} cannot be for port ${port}.`);
  return { port: String(port), proto, ...selector(peer) };
}

function selector(peer: Selector): Record<string, unknown> {
  if (peer === 'any') return { host: 'any' };
  const [kind, ...more] = Object.keys(peer);
  if (more.length > 0)
    throw new Problem(
      'invalid-request',
      `A rule is for one kind of peer, not by ${kind} and by ${more.join()}.`,
    );
  if ('host' in peer) checkHostName(peer.host);
  else if ('group' in peer) checkGroups([peer.group]);
  else if ('groups' in peer) checkSeveral(peer.groups);
  else checkRange(peer.cidr);
  return { ...peer };
}

function checkSeveral(groups: readonly string[]): void {
  checkGroups(groups);
  if (groups.length > 0) return;
  throw new Problem('invalid-request', 'A rule for groups names at least one.');
}

/** Nebula 1.6 takes a range that begins at 0.0.0.0 for everyone. */
function checkRange(cidr: string): void {
  if (parsePrefix(cidr).address !== 0n && parsePrefix(cidr).bits > 0) return;
  throw new Problem('invalid-request', `The range ${cidr} is everyone: write 'any'.`);
}

function isPort(port: FirewallRule['port']): boolean {
  if (port === 'any' || port === 'fragment') return true;
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(port));
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  return first >= 1 && first <= last && last <= LAST_PORT;
}
