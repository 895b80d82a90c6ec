import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { brokerDefinitions } from './broker-definitions.ts';

const definitions = JSON.parse(brokerDefinitions({ network: 'one', apps: 'two' }));

test('the password is told as the digest that RabbitMQ compares', () => {
  const hash = Buffer.from(definitions.users[0].password_hash, 'base64');
  const expected = createHash('sha256').update(hash.subarray(0, 4)).update('one').digest();

  expect(hash.subarray(4)).toEqual(expected);
  expect(JSON.stringify(definitions)).not.toContain('"one"');
});

test.each([
  ['configure', 'network.name-apps', true],
  ['configure', 'apps.copy-network', false],
  ['configure', 'cep.events', true],
  ['write', 'cep.events', true],
  ['write', 'apps.copy-network', false],
  ['read', 'network.name-apps', true],
  ['read', 'cep.dead-letters', false],
  ['read', 'cepxevents', false],
])('network may %s %s: %s', (what, name, may) => {
  expect(new RegExp(definitions.permissions[0][what]).test(name)).toBe(may);
});

test('a service states facts in its own name only', () => {
  const [network] = definitions.topic_permissions;

  expect(new RegExp(network.write).test('network.host.enrolled')).toBe(true);
  expect(new RegExp(network.write).test('apps.app.running')).toBe(false);
});
