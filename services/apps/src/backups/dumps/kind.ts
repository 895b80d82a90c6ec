/** What a kind of database is to backups: how it is dumped while it runs, and how a dump is loaded. */

export interface Kind {
  /**
   * A script of `sh`, run in the container of the service: it prints the dump, and ends with another
   * code than 0 when that is not whole. Passwords come from the container's own environment.
   */
  readonly dump: string;
  /** Likewise: loads what it is given. The database is fresh, and may still be starting. */
  readonly load: string;
  /** Whether `load` needs the database to run, or puts files in place before it does. */
  readonly loadsWhileRunning: boolean;
  /** What `dump` prints after the last byte of a dump, and what is not a part of it. */
  readonly trailer?: string;
  /**
   * Whether all of a dump is there, by how it begins and ends: an exit code tells nothing of what was
   * lost on the way.
   */
  isWhole(seen: Seen): boolean;
}

/** What is remembered of a dump that passes by. */
export interface Seen {
  readonly bytes: number;
  /** Its first and its last bytes, at most {@link EDGE} of each. */
  readonly head: Buffer;
  readonly tail: Buffer;
}

export const EDGE = 512;

/** What the scripts that print text print last. */
export const COMPLETE = '-- cep: complete';

export const endsComplete = ({ tail }: Seen): boolean =>
  tail.toString('latin1').trimEnd().endsWith(COMPLETE);

/** So many seconds may a database take until a dump can be loaded. */
export const START_SECONDS = 600;

/** A line of `sh` that waits until a command succeeds. */
export const untilUp = (command: string): string => `
tries=0
until ${command}; do
  tries=$((tries + 1))
  [ "$tries" -lt ${START_SECONDS} ] || { echo 'It did not start in ${START_SECONDS} seconds.' >&2; exit 1; }
  sleep 1
done`;

/** The first of some programs that is there. */
export const PICK = `
pick() {
  for each; do
    if command -v "$each" > /dev/null 2>&1; then echo "$each"; return; fi
  done
  echo "There is no $1 in this container." >&2
  return 1
}`;

/** Sets a variable from NAME, or from the file that NAME_FILE names. */
export const SECRET = `
secret() {
  eval "value=\\\${$1:-} file=\\\${$1_FILE:-}"
  if [ -z "$value" ] && [ -n "$file" ]; then value=$(cat "$file"); fi
  printf %s "$value"
}`;
