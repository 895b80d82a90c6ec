import { Problem } from '@cep/contracts/problems';

/** In firewall rules this word means everyone (`firewall.go`), so nobody may be called so. */
const EVERYONE = 'any';
const LONGEST_NAME = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const GROUP = /^[a-zA-Z0-9]([a-zA-Z0-9._:-]{0,61}[a-zA-Z0-9])?$/;
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * A host's name is DNS labels joined by dots, in lower case: firewall rules select by it, and it
 * must have one spelling.
 *
 * @throws {Problem} `invalid-request`
 */
export function checkHostName(name: string): void {
  const isDnsName =
    name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label));
  if (isDnsName && name !== EVERYONE) return;
  throw new Problem('invalid-request', `'${name.slice(0, 80)}' is not a name that DNS can carry.`);
}

/** An authority's name is printable ASCII. @throws {Problem} `invalid-request` */
export function checkCaName(name: string): void {
  if (name.length <= LONGEST_NAME && PRINTABLE.test(name) && name.trim() === name) return;
  throw new Problem('invalid-request', `'${name.slice(0, 80)}' cannot name an authority.`);
}

/** Groups are distinct ASCII words. @throws {Problem} `invalid-request` */
export function checkGroups(groups: readonly string[]): void {
  const bad = groups.find((group) => !GROUP.test(group) || group === EVERYONE);
  if (bad !== undefined)
    throw new Problem('invalid-request', `'${bad.slice(0, 80)}' is not the name of a group.`);
  if (new Set(groups).size !== groups.length)
    throw new Problem('invalid-request', 'A group is named twice.');
}
