/** Whom a change of a host concerns. Pure. */
import type { Role } from './role.ts';

type Described = Role & { readonly groups: readonly string[] };

/** Others must know where it is before they have asked anybody. */
export const isLandmark = ({ lighthouse, relay }: Pick<Role, 'lighthouse' | 'relay'>): boolean =>
  lighthouse || relay;

interface Change {
  readonly any: boolean;
  /** Its groups: the certificate has to be another. */
  readonly groups: boolean;
  /** Other hosts are told other things than before. */
  readonly others: boolean;
}

export function changeOf(before: Described, after: Described): Change {
  const differs = (member: keyof Role) => before[member] !== after[member];
  const groups = String(before.groups.toSorted()) !== String(after.groups.toSorted());
  const others =
    (isLandmark(before) || isLandmark(after)) &&
    (['lighthouse', 'relay', 'publicAddress', 'port'] as const).some(differs);
  return { groups, others, any: groups || others || differs('port') || differs('interface') };
}

/** What a host becomes; one that is a landmark no longer loses what only those can have. */
export function edited(host: Role, body: Partial<Role>): Role {
  const wanted = { ...host, ...body };
  if (isLandmark(wanted)) return wanted;
  const { publicAddress = null, interface: hasInterface = true } = body;
  return { ...wanted, publicAddress, interface: hasInterface };
}
