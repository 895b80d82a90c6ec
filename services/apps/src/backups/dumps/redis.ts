/**
 * Redis and Valkey: the snapshot that a replica would be given, of one moment, after five lines that say
 * which files it is to become. It is put in place before the database starts, which reads it then; with
 * `appendonly` also as the base of the append-only file, which alone it reads.
 */
import { type Kind, PICK, SECRET } from './kind.ts';

const SETTINGS = ['appendonly', 'dir', 'dbfilename', 'appendfilename', 'appenddirname'];

/** A snapshot ends with this and a checksum of 8 bytes (redis, rdb.h). */
const END_OF_FILE = 0xff;
const CHECKSUM = 8;

/** A database that sends as it goes says at the beginning by which hexadecimal digits it will end. */
const MARK = 40;

export const redis: Kind = {
  loadsWhileRunning: false,
  dump: `set -eu
${PICK}
${SECRET}
cli=$(pick redis-cli valkey-cli)
password=$(secret REDIS_PASSWORD)
password=\${password:-$(secret VALKEY_PASSWORD)}
if [ -n "$password" ]; then export REDISCLI_AUTH="$password"; fi
ping=$("$cli" ping)
[ "$ping" = PONG ] || { echo "It says: $ping" >&2; exit 1; }
for name in ${SETTINGS.join(' ')}; do
  told=$("$cli" config get "$name")
  case "$told" in
    '') echo ;;
    "$name"*) printf '%s\\n' "$told" | sed 1d ;;
    *) echo "It says of $name: $told" >&2; exit 1 ;;
  esac
done
exec "$cli" --rdb -`,
  load: `set -eu
for name in ${SETTINGS.join(' ')}; do IFS= read -r "\${name?}"; done
umask 077
cd "$dir"
cat > "$dbfilename"
if [ "$(tail -c ${MARK} "$dbfilename" | tr -cd 0-9a-f | wc -c)" -eq ${MARK} ]; then
  size=$(wc -c < "$dbfilename")
  dd if=/dev/null of="$dbfilename" bs=1 seek="$((size - ${MARK}))" 2> /dev/null
fi
if [ "$appendonly" = yes ] && [ -n "$appenddirname" ]; then
  mkdir "$appenddirname"
  ln "$dbfilename" "$appenddirname/$appendfilename.1.base.rdb"
  echo "file $appendfilename.1.base.rdb seq 1 type b" > "$appenddirname/$appendfilename.manifest"
elif [ "$appendonly" = yes ]; then
  ln "$dbfilename" "$appendfilename"
fi
if [ "$(id -u)" = 0 ]; then chown -R "$(stat -c %u:%g .)" .; fi`,
  isWhole: ({ head, tail }) =>
    head.toString('latin1').split('\n')[SETTINGS.length]?.startsWith('REDIS') === true &&
    isEnd(tail.toString('latin1').replace(new RegExp(`[0-9a-f]{${MARK}}$`), '')),
};

const isEnd = (tail: string): boolean =>
  tail.charCodeAt(tail.length - CHECKSUM - 1) === END_OF_FILE;
