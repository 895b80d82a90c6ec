import { describe, expect, test } from '@jest/globals';
import { builtins } from './builtins.fixture.ts';
import { readOwnFile } from './own-file.ts';
import { resolveParameters } from './parameters.ts';
import { render } from './render.ts';

const read = (header: string) =>
  readOwnFile({
    compose: `x-cep: {${header}}\nservices: {web: {image: x, ports: ["8080:80"]}}`,
    files: {},
    name: 'shop',
  });
const web = 'name: web, service: web, port: 80, scheme: http';

describe('what cep does not do yet is refused by name, with the way out', () => {
  test.each([
    ['oidc: {scopes: [a]}', 'x-cep may not have "oidc": cep makes no sign-in clients'],
    ['idle: {}', 'x-cep may not have "idle": apps run until'],
    ['scale: {}', 'x-cep may not have "scale": there is one container'],
    ['requires: []', 'x-cep may not have "requires"'],
    ['provides: []', 'x-cep may not have "provides"'],
    ['metering: {}', 'x-cep may not have "metering"'],
    ['readme: a.md', 'x-cep may not have "readme": the README.md'],
    [`endpoints: [{${web}, auth: basic}]`, 'x-cep/endpoints/0 may not have "auth"'],
    [`endpoints: [{${web}, access: members}]`, 'see "cep network policy"'],
    [`endpoints: [{${web}, headers: {}}]`, 'x-cep/endpoints/0 may not have "headers"'],
    [`endpoints: [{${web}, sticky: true}]`, 'x-cep/endpoints/0 may not have "sticky"'],
    [`endpoints: [{${web}, publish: never}]`, 'x-cep/endpoints/0/publish may not be "never"'],
    [
      'parameters: [{name: A, type: string, label: A, restarts: [web]}]',
      'parameters/0 may not have "restarts": the services',
    ],
    [
      'parameters: [{name: A, type: volume, label: A}]',
      'parameters/0/type may not be "volume": a volume belongs',
    ],
    [
      'files: [{service: web, target: /a, content: a, immutable: true}]',
      'files/0 may not have "immutable"',
    ],
    ['volumes: {data: {class: data, shared: {as: x}}}', 'x-cep/volumes/data may not have "shared"'],
    ['update: {minHealthy: 1}', 'x-cep/update may not have "minHealthy"'],
    ['backup: {restoreOrder: []}', 'x-cep/backup may not have "restoreOrder"'],
  ])('%s', (header, words) => {
    expect(() => read(header)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words) }),
    );
  });

  test('and what it does is not', () => {
    const { endpoints } = read(`endpoints: [{${web}, publish: allowed}], screenshots: [a.png]`);

    expect(endpoints).toMatchObject([{ name: 'web', publish: 'allowed' }]);
  });
});

test('a template that is deprecated says so, and what to take instead', () => {
  const template = read('deprecated: {since: "2", reason: nobody mends it, replacedBy: other}');

  expect(render(template, {}, builtins).notes).toEqual([
    'shop is deprecated since 2; nobody mends it; use "other" instead.',
  ]);
});

describe('the version of cep that a template needs', () => {
  test.each(['99.0.0', '1000.0.0'])(
    '%s is said to be newer, before what is not understood',
    (needed) => {
      expect(() => read(`minCepVersion: "${needed}", tomorrow: true`)).toThrow(
        `it needs cep ${needed} or newer, and this is `,
      );
    },
  );

  test.each(['0.0.0', '0.0.99'])('%s is there', (needed) => {
    expect(() => read(`minCepVersion: "${needed}"`)).not.toThrow();
  });

  test.each(['soon', '1', '"1.2"'])('%s is none', (needed) => {
    expect(() => read(`minCepVersion: ${needed}`)).toThrow('must be a version such as 1.2.0');
  });
});

describe('the least that a machine must have', () => {
  const capacity = { memoryBytes: 2 ** 31, cpus: 2 };
  const deploy = (minimum: string) => {
    const template = read(`resources: {minimum: {${minimum}}}`);
    const { values } = resolveParameters(template, {}, { random: () => Buffer.alloc(0) });
    return render(template, values, builtins, { machine: { platform: 'linux/amd64', capacity } });
  };

  test('is there, also when firmware has taken a little', () => {
    expect(() => deploy('memory: 2200m, cpus: 2')).not.toThrow();
  });

  test('is not there', () => {
    expect(() => deploy('memory: 4g')).toThrow(
      'x-cep/resources/minimum/memory is 4g, but the engine’s machine has 2048m.',
    );
    expect(() => deploy('cpus: 4')).toThrow('x-cep/resources/minimum/cpus is 4');
  });
});
