/**
 * MySQL and MariaDB: every database and every account, of one moment for tables of InnoDB. Where root's
 * password is known to nobody, the app's own database.
 */
import { COMPLETE, endsComplete, type Kind, PICK, SECRET, untilUp } from './kind.ts';

const CONNECT = `set -eu
${PICK}
${SECRET}
first() {
  for each; do
    value=$(secret "$each")
    if [ -n "$value" ]; then printf %s "$value"; return; fi
  done
}
user=root
MYSQL_PWD=$(first MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD)
empty=\${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-\${MYSQL_ALLOW_EMPTY_PASSWORD:-}}
if [ -z "$MYSQL_PWD$empty" ]; then
  user=$(first MARIADB_USER MYSQL_USER)
  MYSQL_PWD=$(first MARIADB_PASSWORD MYSQL_PASSWORD)
  database=$(first MARIADB_DATABASE MYSQL_DATABASE)
fi
export MYSQL_PWD`;

export const mysql: Kind = {
  loadsWhileRunning: true,
  dump: `${CONNECT}
dump=$(pick mariadb-dump mysqldump)
set -- --all-databases --flush-privileges
if [ -n "\${database:-}" ]; then set -- --no-tablespaces --databases "$database"; fi
"$dump" --user="$user" --single-transaction --quick --routines --events --triggers --hex-blob \\
  --comments --max-allowed-packet=1G "$@"
printf '%s\\n' '${COMPLETE}'`,
  // While it makes its data it has no port; the client stops at the first error.
  load: `${CONNECT}
admin=$(pick mariadb-admin mysqladmin)
client=$(pick mariadb mysql)
${untilUp('"$admin" --protocol=tcp --host=127.0.0.1 --user="$user" --silent ping > /dev/null 2>&1')}
exec "$client" --user="$user" --max-allowed-packet=1G --batch`,
  isWhole: (seen) => endsComplete(seen) && seen.tail.includes('-- Dump completed'),
};
