#!/bin/sh
# Makes the cluster on the first start, from POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB (each
# also as *_FILE), runs /docker-entrypoint-initdb.d, then serves. As root it becomes the user postgres.
set -eu
: "${PGDATA:=/var/lib/postgresql/data}"
export PGDATA

from_file() {
  eval "file=\${$1_FILE-}"
  if [ -n "$file" ]; then
    eval "$1=\$(cat \"\$file\")"
  fi
}

initialise() {
  for name in POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB; do from_file "$name"; done
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "${POSTGRES_PASSWORD-}" ] && [ "$method" != trust ]; then
    echo 'POSTGRES_PASSWORD is not set: choose a password for the superuser.' >&2
    exit 1
  fi
  password=$(mktemp)
  printf '%s\n' "${POSTGRES_PASSWORD:-unused}" > "$password"
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile="$password" --auth-local=trust --auth-host="$method" \
    --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS-}
  rm "$password"
  printf 'host all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  pg_ctl -w -o "-c listen_addresses=''" start
  if [ "$database" != postgres ]; then
    createdb --username="$user" "$database"
  fi
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh) . "$script" ;;
      *.sql) psql -v ON_ERROR_STOP=1 --username="$user" --dbname="$database" --file="$script" ;;
    esac
  done
  pg_ctl -w -m fast stop
}

case "${1-}" in
  '' | -*) set -- postgres "$@" ;;
esac
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /run/postgresql
    chown -R postgres:postgres "$PGDATA" /run/postgresql
    chmod 700 "$PGDATA"
    exec su -p -s /bin/sh -- postgres -c 'exec "$@"' sh "$0" "$@"
  fi
  [ -s "$PGDATA/PG_VERSION" ] || initialise
  set -- "$@" -c "listen_addresses=*"
fi
exec "$@"
