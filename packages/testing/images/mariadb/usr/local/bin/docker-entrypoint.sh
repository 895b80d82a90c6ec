#!/bin/sh
# Makes the data on the first start, with MARIADB_ROOT_PASSWORD, MARIADB_DATABASE, MARIADB_USER and
# MARIADB_PASSWORD, and listens only once it is made. As root it becomes the user mysql.
set -eu
data=/var/lib/mysql

if [ "${1-}" = mariadbd ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$data" /run/mysqld
    chown -R mysql:mysql "$data" /run/mysqld
    exec su -p -s /bin/sh -- mysql -c 'exec "$@"' sh "$0" "$@"
  fi
  if [ ! -d "$data/mysql" ]; then
    mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal \
      --skip-test-db > /dev/null
    umask 077
    cat > /run/mysqld/first-start.sql <<END
alter user root@localhost identified by '$MARIADB_ROOT_PASSWORD';
create database if not exists \`$MARIADB_DATABASE\`;
create user if not exists '$MARIADB_USER'@'%' identified by '$MARIADB_PASSWORD';
grant all on \`$MARIADB_DATABASE\`.* to '$MARIADB_USER'@'%';
END
    set -- "$@" --init-file=/run/mysqld/first-start.sql
  fi
  set -- "$@" --datadir="$data" --socket=/run/mysqld/mysqld.sock --bind-address=0.0.0.0 \
    --skip-name-resolve
fi
exec "$@"
