/** Who is who in a policy. */

/** A host as rules see it; its certificate says the same. */
export interface Member {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Every selector that means this host. */
export const selectorsOf = ({ name, groups }: Member): string[] => [
  'any',
  `host:${name}`,
  ...groups.map((group) => `group:${group}`),
];

/** The two parts of `group:family`; `any` has the first alone. */
export function splitSelector(selector: string): { kind: string; name: string } {
  const [kind = '', name = ''] = selector.split(':');
  return { kind, name };
}

/**
 * @param party  matches the contract's `Party`; a group stands for a host that is in no other group
 * @returns nothing for a host that there is not
 */
export function findParty(party: string, hosts: readonly Member[]): Member | undefined {
  const { kind, name } = splitSelector(party);
  if (kind === 'group') return { name: '', groups: [name] };
  return hosts.find((host) => host.name === name);
}
