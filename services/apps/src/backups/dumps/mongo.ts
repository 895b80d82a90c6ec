/**
 * MongoDB: all databases and accounts, as an archive of `mongodump`. Without a replica set each
 * collection is of a moment of its own. Passwords are given by a file that is never on a disk.
 */
import { type Kind, SECRET, untilUp } from './kind.ts';

const CONNECT = `set -eu
${SECRET}
user=$(secret MONGO_INITDB_ROOT_USERNAME)
password=$(secret MONGO_INITDB_ROOT_PASSWORD | sed "s/'/''/g")
set -- --quiet --host=127.0.0.1
if [ -n "$user" ]; then set -- "$@" --username="$user" --authenticationDatabase=admin; fi`;

/** For the tools: a file of settings, in YAML, as file descriptor 3. */
const SETTINGS = `--config=/dev/fd/3 3<<END
password: '$password'
END`;

/** At the first start another one answers, for a while, that the entrypoint has forked. */
const IS_UP = `[ "$(cat /proc/1/comm)" = mongod ] &&
  mongosh --quiet --norc --host 127.0.0.1 --eval 'quit(db.adminCommand("ping").ok ? 0 : 1)' > /dev/null 2>&1`;

/** Each part of an archive ends so, the last one too (mongo-tools, archive/archive.go). */
const TERMINATOR = Buffer.from('ffffffff', 'hex');
const MAGIC = Buffer.from('6de29981', 'hex');

export const mongo: Kind = {
  loadsWhileRunning: true,
  dump: `${CONNECT}
exec mongodump --archive "$@" ${SETTINGS}`,
  load: `${CONNECT}
${untilUp(IS_UP)}
exec mongorestore --archive --drop --stopOnError "$@" ${SETTINGS}`,
  isWhole: ({ head, tail }) =>
    head.subarray(0, MAGIC.length).equals(MAGIC) &&
    tail.subarray(-TERMINATOR.length).equals(TERMINATOR),
};
