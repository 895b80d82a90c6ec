/** Which databases cep can dump, and which it knows to be databases though it cannot. Pure. */
import type { Service } from '../../compose/model.ts';
import type { Kind } from './kind.ts';
import { mongo } from './mongo.ts';
import { mysql } from './mysql.ts';
import { own } from './own.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { sqlite } from './sqlite.ts';

export const KINDS = {
  postgres,
  mysql,
  mariadb: mysql,
  mongo,
  redis,
  sqlite,
  own,
} as const satisfies Record<string, Kind>;
export type KindName = keyof typeof KINDS;

/** By the last part of an image's name. */
const IMAGES: Readonly<Record<string, Exclude<KindName, 'sqlite' | 'own'>>> = {
  ...{ postgres: 'postgres', postgresql: 'postgres', pgvector: 'postgres', postgis: 'postgres' },
  ...{ timescaledb: 'postgres', 'timescaledb-ha': 'postgres' },
  ...{ mysql: 'mysql', 'mysql-server': 'mysql', percona: 'mysql', mariadb: 'mariadb' },
  ...{ mongo: 'mongo', mongodb: 'mongo', redis: 'redis', valkey: 'redis' },
};

const OTHERS =
  /^(arangodb|cassandra|clickhouse(-server)?|cockroach|couchbase|couchdb|dragonfly|elasticsearch|etcd|influxdb|kafka|keydb|meilisearch|neo4j|opensearch|qdrant|questdb|rethinkdb|scylla|solr|surrealdb|tidb|typesense|victoria-metrics|weaviate|zookeeper)$/;

const nameOf = (image: string): string =>
  /([^/:@]+)(:[^/@]*)?(@.*)?$/.exec(image)?.[1]?.toLowerCase() ?? '';

/** @returns what a service is, as far as its image's name tells */
export function recognise(image: string): Exclude<KindName, 'sqlite' | 'own'> | undefined {
  const name = nameOf(image);
  return Object.hasOwn(IMAGES, name) ? IMAGES[name] : undefined;
}

/** Whether a service is a database that cep cannot dump. */
export const isOther = ({ image, role }: Pick<Service, 'image' | 'role'>): boolean =>
  OTHERS.test(nameOf(image)) || (role === 'database' && recognise(image) === undefined);
