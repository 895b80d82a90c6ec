#!/bin/sh
# Fills the volume at the first start, with a configuration that reads WORDPRESS_DB_HOST, _NAME, _USER
# and _PASSWORD at each request, as the well-known image does.
set -eu
html=/var/www/html

if [ "${1-}" = apache2 ] && [ ! -e "$html/index.php" ]; then
  cp -rL /usr/share/wordpress/. "$html" 2> /dev/null || true # Some of Debian's links lead nowhere here.
  cp /usr/src/wp-config.php "$html/wp-config.php"
  chown -R www-data:www-data "$html"
fi
exec "$@"
