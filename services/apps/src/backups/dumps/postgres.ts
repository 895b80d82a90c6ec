/**
 * PostgreSQL: every database as `pg_dump` sees it at one moment, and the roles. What is loaded replaces
 * the databases that the first start made, and only there is an error the end: roles may be there already.
 */
import { COMPLETE, endsComplete, type Kind, SECRET, untilUp } from './kind.ts';

const CONNECT = `set -eu
${SECRET}
export PGHOST=127.0.0.1 PGCONNECT_TIMEOUT=10
PGUSER=$(secret POSTGRES_USER)
PGUSER=\${PGUSER:-postgres}
PGPASSWORD=$(secret POSTGRES_PASSWORD)
export PGUSER PGPASSWORD`;

export const postgres: Kind = {
  loadsWhileRunning: true,
  dump: `${CONNECT}
PGDATABASE=$(secret POSTGRES_DB)
export PGDATABASE="\${PGDATABASE:-$PGUSER}"
names=$(psql -XAtq -c 'select datname from pg_database where datallowconn and not datistemplate order by datname')
printf '%s\\n' '\\set ON_ERROR_STOP off'
pg_dumpall --globals-only --database="$PGDATABASE"
printf '%s\\n' '\\set ON_ERROR_STOP on'
while IFS= read -r name; do
  PGDATABASE=$name pg_dump --create --clean --if-exists --lock-wait-timeout=60s
done <<END
$names
END
printf '%s\\n' '${COMPLETE}'`,
  load: `${CONNECT}
${untilUp('pg_isready -q')}
exec psql -X -q -o /dev/null --dbname=template1 --file=-`,
  isWhole: endsComplete,
};
