/**
 * What is done in a pool's folder, on the machine of its engine: by a container that has the folder and
 * nothing else, and runs one of these. They are constants; what differs comes as arguments, never as text
 * of the script. All can be repeated, and broken off anywhere.
 */

/** Where the folder of a pool is in the container. */
export const POOL = '/pool';
/** Where the machine's own file systems are, to be looked at. */
export const MACHINE = '/machine';

/** Says whose the folder is: an empty mount point, whose disk is away, has none. */
const MARK = '.cep-pool';
/** What was deleted and is being removed. */
const TRASH = '.cep-trash';

/** How the scripts end that cannot do what they should. */
export const ENDS = { otherThings: 3, notOurs: 4 } as const;

/** `$1` is this installation. */
const OURS = `[ "$(cat ${MARK} 2>/dev/null)" = "$1" ] || exit ${ENDS.notOurs}`;

const begin = `set -eu; cd ${POOL}`;

export const SCRIPTS = {
  /** Prints `owner mode kind|path` of each path that is there; links are not followed. */
  look: `for path in "$@"; do stat -c '%u %a %F|%n' -- "${MACHINE}$path" 2>/dev/null || :; done`,

  /** Makes an empty folder a pool. */
  take: `${begin}
if [ -e ${MARK} ]; then ${OURS}; fi
if [ ! -e ${MARK} ]; then
  others=$(ls -A | grep -vxE 'lost\\+found|${MARK}\\.new' || :)
  [ -z "$others" ] || exit ${ENDS.otherThings}
  chmod 0700 .
  printf '%s\\n' "$1" > ${MARK}.new
  mv ${MARK}.new ${MARK}
fi`,

  /** Makes the folder of a volume, `$2`; one that is there stays as it is. */
  make: `${begin}; ${OURS}; mkdir -p -- "$2"`,

  /** Puts a volume, `$2`, aside as `$3`, at once and whole, however large it is; then removes it. */
  discard: `${begin}; ${OURS}
[ -e "$2" ] || exit 0
mkdir -p ${TRASH}
mv -- "$2" "${TRASH}/$3"
rm -rf -- "${TRASH}/$3"`,

  /** Removes what was put aside, where that was broken off. */
  empty: `${begin}; ${OURS}
[ -d ${TRASH} ] || exit 0
find ${TRASH} -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +`,

  /** Makes the pool a folder as any other. */
  release: `${begin}
[ -e ${MARK} ] || exit 0
${OURS}
rm -rf ${TRASH}
rm -f ${MARK}`,

  /** Prints the file system's line of `df`, then KiB and name of each volume. */
  measure: `${begin}; ${OURS}
df -Pk . | tail -n 1
for volume in *; do [ ! -d "$volume" ] || du -skx -- "$volume" || :; done`,

  /** Prints the line of `df` for where the engine keeps its own volumes. */
  space: `df -Pk / | tail -n 1`,
} as const;

export type Script = keyof typeof SCRIPTS;
