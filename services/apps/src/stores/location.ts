/** Where a store is: a folder of this machine, or a git repository. Pure. */
import { isAbsolute, normalize } from 'node:path';
import { Problem } from '@cep/contracts/problems';

export interface Location {
  readonly kind: 'git' | 'folder';
  /** An absolute path, or a URL without credentials. */
  readonly at: string;
}

/**
 * @param isSigned  whether a key vouches for what comes; without one, it must not come in the clear
 * @throws {Problem} `invalid-request`; credentials in a URL are not quoted
 */
export function readLocation(text: string, isSigned: boolean): Location {
  if (/\p{Cc}/u.test(text)) throw refused('has a control character');
  if (isAbsolute(text)) return { kind: 'folder', at: normalize(text).replace(/(.)\/$/, '$1') };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol) || !url.host) {
    throw refused('must be an https:// URL of a git repository, or the absolute path of a folder');
  }
  if (url.username || url.password) {
    throw refused('may not have a user name or password: only what anybody may read is a store');
  }
  if (url.search || url.hash) throw refused('may not have a query or a fragment');
  if (url.protocol === 'http:' && !isSigned) {
    throw refused('must be https://, for http:// lets anybody on the way change it; or give a key');
  }
  return { kind: 'git', at: url.href };
}

const refused = (why: string) => new Problem('invalid-request', `The location ${why}.`);
