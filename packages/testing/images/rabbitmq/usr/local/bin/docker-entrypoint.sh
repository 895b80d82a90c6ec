#!/bin/sh
# RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS and RABBITMQ_DEFAULT_VHOST name what the first start
# makes. As root it becomes the user rabbitmq.
set -eu
setting() {
  if [ -n "$2" ]; then
    printf '%s = %s\n' "$1" "$2"
  fi
}
if [ "${1-}" = rabbitmq-server ]; then
  if [ "$(id -u)" = 0 ]; then
    chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /etc/rabbitmq /var/log/rabbitmq
    exec su -p -s /bin/sh -- rabbitmq -c 'exec "$@"' sh "$0" "$@"
  fi
  password=${RABBITMQ_DEFAULT_PASS-}
  if [ -n "${RABBITMQ_DEFAULT_PASS_FILE-}" ]; then
    password=$(cat "$RABBITMQ_DEFAULT_PASS_FILE")
  fi
  umask 077
  {
    printf 'log.console = true\nloopback_users.guest = false\n'
    setting default_user "${RABBITMQ_DEFAULT_USER-}"
    setting default_pass "$password"
    setting default_vhost "${RABBITMQ_DEFAULT_VHOST-}"
  } > /etc/rabbitmq/conf.d/10-defaults.conf
fi
exec "$@"
