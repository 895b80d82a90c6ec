import type { Details } from './details.ts';
import { contains, parsePrefix } from './prefixes.ts';

/**
 * In what a certificate exceeds its authority, as a sentence, or undefined when it does not
 * (`cert/ca_pool.go`, checkCAConstraints). An authority's empty list allows everything.
 */
export function excess(authority: Details, details: Details): string | undefined {
  if (details.notAfter > authority.notAfter) return 'The certificate would outlive its authority.';
  if (details.notBefore < authority.notBefore)
    return 'The certificate would be valid before its authority is.';
  const group = details.groups.find((each) => !allowsGroup(authority, each));
  if (group !== undefined) return `The authority may not give the group '${group}'.`;
  const network =
    firstOutside(authority.networks, details.networks) ??
    firstOutside(authority.unsafeNetworks, details.unsafeNetworks);
  return network && `The authority may not give the network ${network}.`;
}

const allowsGroup = ({ groups }: Details, group: string): boolean =>
  groups.length === 0 || groups.includes(group);

function firstOutside(allowed: readonly string[], asked: readonly string[]): string | undefined {
  if (allowed.length === 0) return undefined;
  const ranges = allowed.map(parsePrefix);
  return asked.find((each) => {
    const inner = parsePrefix(each);
    return !ranges.some((outer) => contains(outer, inner));
  });
}
