/**
 * SQLite: a file as one reader sees it, copied beside it and checked, then printed after a line that says
 * whose it was. A program of the container does that, `sqlite3` or `python3`: without one it is refused.
 */
import { type Kind, PICK, type Seen } from './kind.ts';

/** How long it waits for whoever writes. */
const PATIENCE_MS = 60_000;

/** Free beyond what the copy takes, KiB. */
const SPARE_KIB = 65_536;

const PYTHON = `
import sqlite3, sys
source = sqlite3.connect(sys.argv[1], timeout=${PATIENCE_MS / 1000})
copy = sqlite3.connect(sys.argv[2])
source.backup(copy)
sys.exit(0 if copy.execute("pragma quick_check(1)").fetchone() == ("ok",) else 1)`;

/** A reader that has begun sees one state of the file, however much is written meanwhile. */
const SQLITE = `.timeout ${PATIENCE_MS}
.output /dev/null
begin;
select count(*) from sqlite_master;
.backup main "$copy"
`;

export const sqlite: Kind = {
  loadsWhileRunning: false,
  dump: `set -eu
${PICK}
file=$1
copy=$1.cep-dump
[ -f "$file" ] || { echo "There is no $file." >&2; exit 1; }
program=$(pick sqlite3 python3)
trap 'rm -f "$copy" "$copy-journal" "$copy-wal" "$copy-shm"' EXIT
rm -f "$copy" "$copy-journal" "$copy-wal" "$copy-shm"
needed=$(du -ck "$file" "$file-wal" 2> /dev/null | tail -n 1 | cut -f 1)
set -- $(df -Pk "\${file%/*}" | tail -n 1)
[ "$4" -gt $((needed + ${SPARE_KIB})) ] || { echo "no space left on device for a copy of $file" >&2; exit 1; }
if [ "$program" = sqlite3 ]; then
  sqlite3 -batch -bail "$file" <<END
${SQLITE}END
  [ "$(sqlite3 -batch "$copy" 'pragma quick_check(1)')" = ok ] || { echo 'The copy is damaged.' >&2; exit 1; }
else
  python3 -c '${PYTHON}' "$file" "$copy"
fi
stat -c '%u:%g %a' "$file"
cat "$copy"`,
  load: `set -eu
copy=$1.cep-load
umask 077
read -r owner mode
cat > "$copy"
if [ "$(id -u)" = 0 ]; then chown "$owner" "$copy"; fi
chmod "$mode" "$copy"
rm -f "$1-wal" "$1-shm" "$1-journal"
mv -f "$copy" "$1"`,
  isWhole,
};

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** The header has the size of a page and, where that is still valid, their number (sqlite.org/fileformat). */
function isWhole({ bytes, head }: Seen): boolean {
  const begin = head.indexOf('\n') + 1;
  const header = head.subarray(begin, begin + 100);
  if (header.length < 100 || !header.subarray(0, MAGIC.length).equals(MAGIC)) return false;
  const size = header.readUInt16BE(16);
  const page = size === 1 ? 65_536 : size;
  const isCounted = header.readUInt32BE(24) === header.readUInt32BE(92);
  const length = bytes - begin;
  return isCounted ? length === page * header.readUInt32BE(28) : length % page === 0;
}
