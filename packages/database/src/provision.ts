import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { sql } from './sql.ts';

interface Service {
  /** Names the role and the schema, e.g. `network`. */
  readonly service: string;
  /** Printable ASCII. The server is given a verifier of it, never the password. */
  readonly password: string;
}

/**
 * Gives a service its role and its schema in the database of `adminUrl`. The role may do anything
 * in its schema, finds it without being told, and has no rights anywhere else. May be repeated, also
 * at the same time: the role then has the newest password.
 *
 * @param adminUrl  with a superuser
 * @returns the URL by which the service connects
 */
export async function provision(adminUrl: string, { service, password }: Service): Promise<string> {
  const name = pg.escapeIdentifier(service);
  const verifier = pg.escapeLiteral(scramVerifier(password));
  const client = new pg.Client(adminUrl);
  await client.connect();
  try {
    const database = pg.escapeIdentifier(client.database ?? '');
    await client.query('begin');
    await client.query(sql`select pg_advisory_xact_lock(hashtext('provision'))`);
    const { rowCount } = await client.query(sql`select from pg_roles where rolname = ${service}`);
    if (rowCount === 0) await client.query(`create role ${name}`);
    await client.query(`
      alter role ${name} login nosuperuser nocreatedb nocreaterole password ${verifier};
      revoke all on database ${database} from public;
      revoke all on schema public from public;
      grant connect on database ${database} to ${name};
      create schema if not exists ${name} authorization ${name};
      alter role ${name} in database ${database} set search_path = ${name};
      commit`);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(service);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** What Postgres stores of a password (RFC 5803), so that no log of statements can show it. */
function scramVerifier(password: string): string {
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (label: string) => createHmac('sha256', salted).update(label).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  const server = key('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}
