#!/bin/sh
# As root it gives the data to the user syncthing, and becomes that user.
set -eu
if [ "$(id -u)" = 0 ]; then
  chown syncthing:syncthing "$HOME"
  exec su -p -s /bin/sh -- syncthing -c 'exec "$@"' sh "$@"
fi
exec "$@"
