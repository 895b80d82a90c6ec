/** Where backups go: a folder of the machine that runs the apps, or a bucket of S3. Pure. */
import { normalize } from 'node:path';
import { Problem } from '@cep/contracts/problems';
import { isNeverGiven, isPlainPath } from '../engine/policy/mounts.ts';

export interface Location {
  readonly kind: 'folder' | 's3';
  /** `/srv/backups`, or `s3:https://HOST/BUCKET[/PATH]` as restic has it. */
  readonly at: string;
}

/** @throws {Problem} `invalid-request`; credentials in a URL are not quoted */
export function readLocation(text: string): Location {
  if (/[\p{Cc}\s]/u.test(text)) throw refused('has a space or a control character');
  return text.startsWith('/') ? folder(text) : bucket(text);
}

function folder(text: string): Location {
  const at = normalize(text).replace(/(.)\/$/, '$1');
  if (!isPlainPath(at) || at !== text.replace(/(.)\/$/, '$1')) {
    throw refused('must be written without "..", "." and "//"');
  }
  if (isNeverGiven(at)) {
    throw refused(`${at} is in, or has in it, what belongs to the system. Take e.g. /srv/backups`);
  }
  return { kind: 'folder', at };
}

function bucket(text: string): Location {
  const address = text.startsWith('s3:') ? text.slice('s3:'.length) : '';
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol) || !url.host) {
    throw refused('must be an absolute path, or s3:https://HOST/BUCKET[/PATH]');
  }
  if (url.username || url.password) throw refused('may have no keys in it: give them apart');
  if (url.search || url.hash) throw refused('may not have a query or a fragment');
  const path = url.pathname.replace(/\/+$/, '');
  if (!/^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/.test(path)) throw refused('must name a bucket');
  return { kind: 's3', at: `s3:${url.origin}${path}` };
}

const refused = (why: string) => new Problem('invalid-request', `The location ${why}.`);
