import { expect, test } from '@jest/globals';
import { loadBuiltinStore } from '../templates/builtin-store.ts';
import { readTemplate } from '../templates/template.ts';
import { tryTemplate } from './try-template.ts';

const header = `schemaVersion: 1, id: wiki, name: wiki, version: "1", revision: 1, summary: a test, categories: [tests]`;

/** @param more  of the header, in braces; @param service  what the one service has, in braces */
const attempt =
  (service: string, more = '', registries?: string[]) =>
  () => {
    const compose = `x-cep: {${header}${more && `, ${more}`}}\nservices: {web: {${service}}}`;
    tryTemplate(readTemplate({ store: 'mine', id: 'wiki', compose, readme: '' }), registries);
  };
const required = (rest: string) => `parameters: [{name: A, label: A, required: true, ${rest}}]`;
const net = 'permissions: [{permission: "capability:NET_ADMIN", reason: "makes a tunnel"}]';

const store = await loadBuiltinStore();
test.each([...store.templates.values()].map((template) => [template.id, template] as const))(
  'the built-in %s can be deployed',
  (_, template) => {
    expect(() => tryTemplate(template)).not.toThrow();
  },
);

test.each([
  ['has an unknown key', 'image: x, imagine: y', '', /compose\/services\/web.*imagine/],
  [
    'is nothing by default',
    'image: "x:${A}"',
    'parameters: [{name: A, type: string, label: A}]',
    /image/,
  ],
  ['may not be run', 'image: x, cgroup_parent: /', '', /cgroup_parent/],
  [
    'is refused whatever is granted',
    'image: x, volumes: ["/etc:/etc"]',
    'permissions: [{permission: "host-path:/etc", reason: "wants all"}]',
    /web: /,
  ],
  [
    'needs more than it says',
    'image: x, cap_add: [NET_ADMIN]',
    '',
    /NET_ADMIN, which x-cep\/permissions/,
  ],
  ['names a volume that is none', 'image: x', 'volumes: {data: {class: data}}', /x-cep\/volumes/],
  [
    'has a pattern that never ends',
    'image: x',
    'parameters: [{name: A, type: string, label: A, pattern: "^(a+)+$", default: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}]',
    /too long/,
  ],
])('one that %s is not taken', (_, service, more, sentence) => {
  expect(attempt(service, more)).toThrow(
    expect.objectContaining({ name: 'Problem', message: expect.stringMatching(sentence) }),
  );
});

test('what an administrator can grant is no fault', () => {
  expect(attempt('image: x, cap_add: [NET_ADMIN]', net)).not.toThrow();
});

test('images come from where they may', () => {
  const from = (image: string) => attempt(`image: ${image}`, '', ['registry.example/team']);

  expect(from('registry.example/team/wiki')).not.toThrow();
  expect(from('wiki')).toThrow(expect.objectContaining({ code: 'app-refused' }));
});

test.each([
  ['type: size', 'mem_limit: "${A}"'],
  ['type: size, min: 134217728', 'mem_limit: "${A}"'],
  ['type: port', 'ports: ["${A}:80"]'],
  ['type: select, options: [{value: always}, {value: no}]', 'restart: "${A}"'],
  ['type: string, placeholder: "30s"', 'stop_grace_period: "${A}"'],
  ['type: user', 'user: "${A}"'],
  ['type: string', 'environment: {A: "${A}"}'],
])('what must be set is stood in for: %s', (parameter, service) => {
  expect(attempt(`image: x, ${service}`, required(parameter))).not.toThrow();
});

test('what it was tried with is said', () => {
  expect(attempt('image: x, stop_grace_period: "${A}"', required('type: string'))).toThrow(
    expect.objectContaining({ message: expect.stringContaining('tried with A=example') }),
  );
});
