/** What restic, and whoever it speaks to, means by what it says. Pure. */

/** One of the lines that `restic backup --json` prints. */
export interface Line {
  readonly message_type?: string;
  readonly percent_done?: number;
  readonly snapshot_id?: string;
  readonly total_bytes_processed?: number;
  readonly data_added?: number;
  readonly item?: string;
  readonly error?: { readonly message?: string };
}

/** @returns nothing when it is for people */
export function parse(line: string): Line | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

/** A line as people read it: what it says of a file that it could not read, and nothing of progress. */
export function wordsOf(line: string): string[] {
  if (!line.startsWith('{')) return line.trim() === '' ? [] : [line];
  const { message_type: type, item = '', error } = parse(line) ?? {};
  return type === 'error' ? [`${item}: ${error?.message ?? 'not read'}`] : [];
}

/** How many of its last lines are told. */
const MOST_WORDS = 10;

export const lastWords = (lines: readonly string[]): string =>
  lines.flatMap(wordsOf).slice(-MOST_WORDS).join('\n');

export const WRONG_PASSWORD = /wrong password|no key found/i;
export const WRONG_KEYS =
  /access ?denied|invalid ?access ?key|access key id you provided|signature ?does ?not ?match|signature we calculated|forbidden/i;
export const NO_BUCKET = /no ?such ?bucket|bucket does not exist/i;
export const UNREACHABLE =
  /connection refused|connection reset|no such host|i\/o timeout|tls handshake|x509|network is unreachable|no route to host|dial tcp/i;
export const ABSENT = /is there a repository|unable to open config file|repository does not exist/i;
export const READ_ONLY = /read-only file system|permission denied/i;
export const DAMAGED =
  /ciphertext verification failed|does not match|errors were found|invalid data returned|is damaged|pack .* (not found|missing)|hash mismatch|unexpected eof/i;
