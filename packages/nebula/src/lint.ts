/**
 * What is known to break a version of nebula: with one of these a host does not start, stops taking
 * reloads, or quietly does other than it was told. What our configuration cannot say, such as
 * `local_cidr` or `reject`, needs no rule. Pure.
 */
import { Problem } from '@cep/contracts/problems';
import type { Curve, Version } from './details.ts';
import { checkGroups, checkHostName } from './names.ts';
import { overlaps, parsePrefix } from './prefixes.ts';
import { parseVersion, readsVersion2 } from './versions.ts';

/** Settings that are to go together. What is not known yet is left out, and then not judged. */
export interface Combination {
  readonly network: {
    /** The newest that its hosts are given. */
    readonly certificateVersion: Version;
    readonly curve: Curve;
    /** CIDR notation. */
    readonly ranges: readonly string[];
  };
  readonly host?: {
    readonly name: string;
    readonly groups: readonly string[];
    readonly lighthouse: boolean;
    readonly relay: boolean;
    readonly interface: boolean;
    /** UDP; null or 0: any free one. */
    readonly port: number | null;
    /** Ranges beyond the overlay that it routes to. */
    readonly routes?: readonly string[];
  };
  /** What the host's machine has, e.g. `1.6.1`. */
  readonly nebulaVersion?: string | undefined;
  /** The versions of the certificates that the host is to read: authorities' and its own. */
  readonly given?: readonly Version[];
}

export interface Finding {
  readonly rule: string;
  /** A sentence for people: what would happen. */
  readonly reason: string;
  /** A sentence: what to do instead. */
  readonly wayOut: string;
}

interface Rule {
  readonly name: string;
  readonly wayOut: string;
  /** @returns what would happen; nothing where the rule does not apply */
  readonly judge: (combination: Combination) => string | false | undefined;
}

const RULES: readonly Rule[] = [
  {
    name: 'ipv6-in-version-1',
    wayOut: 'Give the network certificates of version 2, or no IPv6 range.',
    judge: ({ network: { certificateVersion, ranges } }) =>
      certificateVersion === 1 &&
      ranges.some(isIpv6) &&
      'Certificates of version 1 carry IPv4 addresses only.',
  },
  {
    // 1.9.4 to 1.9.6 then mistake the sender (CVE-2025-62820).
    name: 'several-addresses-of-a-family',
    wayOut: 'Give the network one range of IPv4, and at most one of IPv6.',
    judge: ({ network: { ranges } }) =>
      new Set(ranges.map(isIpv6)).size < ranges.length &&
      'Some versions of nebula mistake the sender where a host has two addresses of one family.',
  },
  {
    // 1.6 finds the sender in the first address; so do the lighthouses of older versions.
    name: 'no-ipv4',
    wayOut: 'Give the network a range of IPv4, too.',
    judge: ({ network: { ranges } }) =>
      ranges.every(isIpv6) && 'Nebula before 1.10 cannot take part in a network without IPv4.',
  },
  {
    name: 'odd-host-name',
    wayOut: 'Take lower-case letters, digits and inner hyphens; "any" means everyone.',
    judge: ({ host }) =>
      host &&
      isRefused(() => checkHostName(host.name)) &&
      `Rules could not tell the host "${host.name}" from others, nor could DNS name it.`,
  },
  {
    name: 'odd-group',
    wayOut: 'Take letters, digits, hyphens and dots; "any" means everyone.',
    judge: ({ host }) =>
      host &&
      isRefused(() => checkGroups(host.groups)) &&
      `Rules for one of the groups ${host.groups.join(', ')} would be for others, or for everyone.`,
  },
  {
    name: 'lighthouse-without-port',
    wayOut: 'Give the lighthouse a port, e.g. 4242.',
    judge: ({ host }) =>
      host?.lighthouse && !host.port && 'Nebula does not start as a lighthouse on a random port.',
  },
  {
    name: 'idle-without-interface',
    wayOut: 'Give the host an interface, or make it a lighthouse or a relay.',
    judge: ({ host }) =>
      host &&
      !(host.interface || host.lighthouse || host.relay) &&
      'A host without an interface that is neither lighthouse nor relay does nothing.',
  },
  {
    name: 'route-in-overlay',
    wayOut: 'Route to ranges beyond the network only.',
    judge: ({ network, host }) =>
      host?.routes?.some((route) =>
        network.ranges.some((range) => overlaps(parsePrefix(range), parsePrefix(route))),
      ) && 'With a route into the network itself the host could speak for other members.',
  },
  {
    name: 'route-without-address',
    wayOut: 'Give the network a range of that family.',
    judge: ({ network, host }) =>
      host?.routes?.some((route) => !network.ranges.some((own) => isIpv6(own) === isIpv6(route))) &&
      'Nebula refuses a route of a family in which the host has no address.',
  },
  {
    // `firewall.default_local_cidr_any` is read since 1.9; before, every rule is for the routes, too.
    name: 'routes-before-1.9',
    wayOut: 'Install nebula 1.9 or later on the host that routes.',
    judge: ({ host, nebulaVersion }) =>
      isBefore(nebulaVersion, 9) &&
      (host?.routes ?? []).length > 0 &&
      `Nebula ${nebulaVersion} lets whoever may reach the host reach all that is behind it.`,
  },
  {
    name: 'p256-before-1.7',
    wayOut: 'Install nebula 1.7 or later, or make the network with the curve 25519.',
    judge: ({ network, nebulaVersion }) =>
      network.curve === 'p256' &&
      isBefore(nebulaVersion, 7) &&
      `This network uses P-256, and nebula ${nebulaVersion} does not know the curve.`,
  },
  {
    // One such certificate makes it refuse all authorities, and with them the blocklist.
    name: 'version-2-before-1.10',
    wayOut: 'Install nebula 1.10 or later, or give it certificates of version 1 alone.',
    judge: ({ given, nebulaVersion }) =>
      given?.includes(2) &&
      nebulaVersion !== undefined &&
      !readsVersion2(nebulaVersion) &&
      `Nebula ${nebulaVersion} does not read certificates of version 2.`,
  },
  {
    // It is asked for IPv6 addresses in words that it does not know (`lighthouse.go`).
    name: 'ipv6-landmark-before-1.10',
    wayOut: 'Install nebula 1.10 or later on lighthouses and relays, or let another host be it.',
    judge: ({ network, host, nebulaVersion }) =>
      network.ranges.some(isIpv6) &&
      (host?.lighthouse || host?.relay) &&
      isBefore(nebulaVersion, 10) &&
      `This network has IPv6, for which a lighthouse or relay with nebula ${nebulaVersion} is of no use.`,
  },
];

/** @returns every rule that the combination breaks */
export const lint = (combination: Combination): Finding[] =>
  RULES.flatMap(({ name, wayOut, judge }) => {
    const reason = judge(combination);
    return reason ? [{ rule: name, reason, wayOut }] : [];
  });

/** @throws {Problem} `unfit-for-nebula` with the first {@link lint} finds, its member `rule` the name */
export function checkCombination(combination: Combination): void {
  const [finding] = lint(combination);
  if (finding === undefined) return;
  const { rule, reason, wayOut } = finding;
  throw new Problem('unfit-for-nebula', `${reason} ${wayOut}`, { members: { rule } });
}

/**
 * Which certificates a host gets. Version 1 always, as peers of any version read it; version 2 beside
 * it where the network has it and the host's nebula reads it.
 *
 * @param nebulaVersion  null where the machine did not say
 */
export const versionsFor = (
  { certificateVersion }: Pick<Combination['network'], 'certificateVersion'>,
  nebulaVersion: string | null,
): Version[] =>
  certificateVersion === 2 && nebulaVersion !== null && readsVersion2(nebulaVersion) ? [1, 2] : [1];

const isIpv6 = (range: string): boolean => parsePrefix(range).family === 6;

const isBefore = (nebulaVersion: string | undefined, minor: number): boolean =>
  nebulaVersion !== undefined && !parseVersion(nebulaVersion).atLeast(1, minor);

function isRefused(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    if (error instanceof Problem) return true;
    throw error;
  }
}
