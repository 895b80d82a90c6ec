#!/bin/sh
# Options or a configuration file alone mean redis-server; as root it becomes the user redis.
set -e
case "${1-}" in
  '' | -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  # A container is reached through its published ports only: what protected mode refuses is all there is.
  case " $* " in
    *' --protected-mode '*) ;;
    *) set -- "$@" --protected-mode no ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    chown -R redis:redis /data
    exec su -p -s /bin/sh -- redis -c 'exec "$@"' sh "$@"
  fi
fi
exec "$@"
