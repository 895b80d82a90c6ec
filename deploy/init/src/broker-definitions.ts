/**
 * What the broker is told of its accounts, one for each service: whoever breaks into a service can
 * neither state facts in another's name nor read what another has not handled yet. Pure.
 *
 * The form is RabbitMQ's export of definitions, which it reads at every start.
 */
import { createHash } from 'node:crypto';
import { DEAD_EXCHANGE, DEAD_QUEUE, EXCHANGE } from '@cep/messaging/topology';

/** @param passwords  of the accounts, by service */
export function brokerDefinitions(passwords: Readonly<Record<string, string>>): string {
  const services = Object.keys(passwords);
  return JSON.stringify({
    vhosts: [{ name: '/' }],
    users: Object.entries(passwords).map(([name, password]) => ({
      name,
      password_hash: hash(password),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: [],
    })),
    permissions: services.map((user) => ({ user, vhost: '/', ...permissionsOf(user) })),
    topic_permissions: services.map((user) => ({
      ...{ user, vhost: '/', exchange: EXCHANGE },
      // Events are named for the service that states them.
      write: `^${user}\\..*`,
      read: '.*',
    })),
  });
}

/**
 * Queues are named for the service that has them. The queue of dead letters is for all to make and
 * to fill, and for none to read.
 */
function permissionsOf(service: string) {
  const exchanges = [EXCHANGE, DEAD_EXCHANGE].map(escape).join('|');
  const own = `${service}\\..*`;
  const dead = escape(DEAD_QUEUE);
  return {
    configure: `^(${exchanges}|${dead}|${own})$`,
    write: `^(${exchanges}|${dead}|${own})$`,
    read: `^(${exchanges}|${own})$`,
  };
}

const escape = (name: string): string => name.replaceAll('.', '\\.');

/**
 * Salted as RabbitMQ wants it: four bytes, then the digest of them and the password. The salt follows
 * from the password, which is random itself, so that the file stays the same.
 */
function hash(password: string): string {
  const digest = (...parts: (string | Buffer)[]) =>
    parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest();
  const salt = digest('salt', password).subarray(0, 4);
  return Buffer.concat([salt, digest(salt, password)]).toString('base64');
}
