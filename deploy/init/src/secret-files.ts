/** Who is told what, in the stack: a folder each, which nobody else has. Pure. */
import { brokerDefinitions } from './broker-definitions.ts';
import type { Secrets } from './secrets.ts';

export interface StackSecrets extends Secrets {
  /** Of the broker's account of each service. */
  readonly brokerPasswords: Secrets['rolePasswords'];
  /** Of the first administrator, to be changed after the first sign-in. */
  readonly adminPassword: string;
}

interface Hosts {
  readonly database: string;
  readonly broker: string;
}

/** @returns file contents by `program/file` */
export function secretFiles(secrets: StackSecrets, hosts: Hosts): Readonly<Record<string, string>> {
  const service = (name: keyof Secrets['rolePasswords']) => ({
    [`${name}/database-url`]: `postgres://${name}:${secrets.rolePasswords[name]}@${hosts.database}:5432/cep`,
    [`${name}/rabbitmq-url`]: `amqp://${name}:${secrets.brokerPasswords[name]}@${hosts.broker}:5672`,
    [`${name}/gateway-public-key`]: secrets.callerPublicKey,
  });
  return {
    'gateway/caller-key': secrets.callerKey,
    ...service('network'),
    'network/master-key': secrets.networkMasterKey,
    ...service('apps'),
    'apps/master-key': secrets.appsMasterKey,
    ...service('accounts'),
    'accounts/admin-password': secrets.adminPassword,
    'postgres/password': secrets.databasePassword,
    'rabbitmq/definitions.json': brokerDefinitions(secrets.brokerPasswords),
    'rabbitmq/rabbitmq.conf': [
      'load_definitions = /secrets/definitions.json',
      'log.console = true',
      'log.console.level = warning',
      '',
    ].join('\n'),
  };
}
