import { Problem } from '@cep/contracts/problems';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Builtins } from './builtins.ts';
import { describeTemplate } from './describe.ts';
import { render } from './render.ts';
import { readTemplate } from './template.ts';

const builtins: Builtins = {
  CEP_APP_ID: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  CEP_APP_NAME: 'shop',
  CEP_HOST: '10.42.0.1',
  CEP_TZ: 'Europe/Rome',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};
const header = {
  schemaVersion: 1,
  id: 'shop',
  name: 'Shop',
  version: '2',
  revision: 1,
  summary: 'Sells things',
  categories: ['web'],
};
const read = (xCep: object, document: object) =>
  readTemplate({
    store: 'cep',
    id: 'shop',
    readme: 'About',
    compose: stringify({ 'x-cep': { ...header, ...xCep }, ...document }),
  });
const web = (service: object) => ({ services: { web: { image: 'shop:2', ...service } } });
const parameter = (name: string, more: object = {}) => ({
  parameters: [{ name, type: 'string', label: name, ...more }],
});

describe('a template', () => {
  test.each([
    ['an unknown member', { sumary: 'x' }, {}, 'x-cep has no member "sumary"'],
    ['a later version', { schemaVersion: 2 }, {}, 'x-cep/schemaVersion'],
    ['another id', { id: 'other' }, {}, 'x-cep/id must be "shop"'],
    ['a long summary', { summary: 'x'.repeat(81) }, {}, 'x-cep/summary'],
    ['a website that runs', { website: 'javascript:x' }, {}, 'x-cep/website'],
    ['an unknown type', parameter('A', { type: 'colour' }), {}, 'x-cep/parameters/0/type'],
    ['a name of ours', parameter('CEP_A'), {}, 'x-cep/parameters/0/name'],
    ['a broken pattern', parameter('A', { pattern: '(' }), {}, 'x-cep/parameters/0/pattern'],
    ['a wrong default', parameter('A', { type: 'integer', default: 'x' }), {}, 'A must be a whole'],
    ['a default port', parameter('A', { type: 'port', default: '80' }), {}, '${A:-8080}'],
    [
      'a default to make',
      parameter('A', { default: 'x', generate: { kind: 'hex' } }),
      {},
      'and has a',
    ],
    ['a select of nothing', parameter('A', { type: 'select' }), {}, 'options'],
    ['options of a string', parameter('A', { options: [{ value: 'x' }] }), {}, 'options'],
    ['bounds of a string', parameter('A', { min: 1 }), {}, 'no order'],
    ['a name twice', { parameters: [1, 2].map(() => parameter('A').parameters[0]) }, {}, 'A twice'],
    [
      'an undeclared variable',
      {},
      { image: '${TAG}' },
      'compose/services/web/image: TAG is neither',
    ],
    ['one in an unused word', {}, { image: 'x${CEP_HOST:-$TAG}' }, 'TAG is neither'],
    ['an unknown built-in', {}, { image: '$CEP_SECRET' }, 'CEP_SECRET is neither'],
    ['the environment of cep', {}, { environment: { A: '${HOME}' } }, 'HOME is neither'],
  ])('with %s is refused', (_, xCep, service, words) => {
    expect(() => read(xCep, web(service))).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words) }),
    );
  });

  test.each(['', 'text', '[]', 'services: {}'])('that is %j is refused', (compose) => {
    expect(() => readTemplate({ store: 'cep', id: 'shop', readme: '', compose })).toThrow(
      'compose.yaml',
    );
  });

  test('shows the images that its defaults give, and names what has none', () => {
    const template = read(
      {
        parameters: [
          { name: 'TAG', type: 'string', label: 'Tag', required: true },
          { name: 'NAME', type: 'string', label: 'Name', default: 'shop' },
          { name: 'SUFFIX', type: 'string', label: 'Suffix' },
        ],
      },
      web({ image: '${NAME}:${TAG}${SUFFIX:+-$SUFFIX}' }),
    );

    expect(describeTemplate(template).services).toEqual([{ name: 'web', image: 'shop:<TAG>' }]);
  });
});

test('a file cannot be made of little to be much', () => {
  const files = [{ service: 'web', target: '/a', content: '$A'.repeat(100_000) }];
  const template = read({ ...parameter('A'), files }, web({}));

  expect(() => render(template, { A: 'x'.repeat(60_000) }, builtins)).toThrow(
    'x-cep/files /a: The variables of this file make it too large.',
  );
});

describe('rendering', () => {
  test('gives a template its values and what is built in', () => {
    const template = read(
      parameter('TITLE'),
      web({ environment: { TITLE: '${TITLE}', APP: '$CEP_APP_NAME', AT: '$CEP_HOST $$HOME' } }),
    );

    const { services } = render(template, { TITLE: 'a: ${CEP_HOST}\n- b', HOME: 'x' }, builtins);

    expect(services[0]?.environment).toEqual({
      TITLE: 'a: ${CEP_HOST}\n- b',
      APP: 'shop',
      AT: '10.42.0.1 $HOME',
    });
  });

  test('refuses a bare name in the environment that nobody declared', () => {
    expect(() => read({}, web({ environment: ['HOME'] }))).toThrow(
      'web/environment: HOME is neither',
    );
  });

  test('asks for just this port only when a person did', () => {
    const template = read(
      {
        parameters: [
          { name: 'PORT', type: 'port', label: 'Port' },
          { name: 'ADMIN', type: 'port', label: 'Port' },
          { name: 'MODE', type: 'string', label: 'Mode', default: 'tcp' },
        ],
      },
      web({
        ports: ['${PORT:-1080}:80/${MODE}', { target: 90, published: '${ADMIN:-1090}' }, '1070:70'],
      }),
    );
    const ports = (values: Record<string, string>) =>
      render(template, { MODE: 'tcp', ...values }, builtins).services[0]?.ports.map(
        ({ published, fixed }) => [published, fixed],
      );

    expect(ports({})).toEqual([
      [1080, false],
      [1090, false],
      [1070, false],
    ]);
    expect(ports({ PORT: '1080' })).toEqual([
      [1080, true],
      [1090, false],
      [1070, false],
    ]);
    expect(ports({ ADMIN: '1091' })).toEqual([
      [1080, false],
      [1091, true],
      [1070, false],
    ]);
  });

  test.each([
    [
      'an endpoint of no service',
      { endpoints: [{ name: 'w', service: 'x', port: 1, scheme: 'http' }] },
    ],
    [
      'an endpoint that is not published',
      { endpoints: [{ name: 'w', service: 'web', port: 1, scheme: 'http' }] },
    ],
    ['a volume that is not mounted', { volumes: { data: { class: 'data' } } }],
  ])('refuses %s', (_, xCep) => {
    expect(() => render(read(xCep, web({})), {}, builtins)).toThrow('x-cep/');
  });
});

describe('whatever comes', () => {
  /** True when it worked or failed as it may; any other failure is thrown on. */
  const allowed = (act: () => unknown): boolean => {
    try {
      act();
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'invalid-request') return true;
      throw error;
    }
  };
  const keys = [
    'image',
    'command',
    'entrypoint',
    'environment',
    'volumes',
    'tmpfs',
    'ports',
    'expose',
    'links',
    'depends_on',
    'healthcheck',
    'deploy',
    'restart',
    'mem_limit',
    'cpus',
    'init',
    '__proto__',
    'test',
    'interval',
    'target',
    'published',
    'source',
    'type',
    'condition',
    'resources',
    'limits',
  ];
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(
        null,
        true,
        0,
        1.5,
        -1,
        '',
        'web',
        '80:80',
        'a:/b',
        '5s',
        '1m',
        'CMD',
        'volume',
      ),
      fc.string(),
      fc.stringMatching(/^[\w${}:?+-]{0,12}$/),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('tree'), { maxKeys: 4 }),
    ),
  }));

  const shop = (compose: string) => readTemplate({ store: 'cep', id: 'shop', readme: '', compose });
  const renderWith = (services: object) => render(read({}, { services }), {}, builtins);

  test('as text is a template or a problem', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    const holds = fc.property(text, (compose) => allowed(() => shop(compose)));

    expect(fc.check(holds)).toMatchObject({ failed: false, errorInstance: null });
  });

  test('as a service is an app or a problem', () => {
    const service = fc.dictionary(fc.constantFrom(...keys), tree, { minKeys: 1, maxKeys: 6 });
    const others = fc.dictionary(fc.string(), tree, { maxKeys: 2 });
    const holds = fc.property(service, others, (one, more) =>
      allowed(() => renderWith({ ...more, web: { image: 'x', ...one }, b: { image: 'x' } })),
    );

    expect(fc.check(holds, { numRuns: 1000 })).toMatchObject({ errorInstance: null });
  });

  test('as a header is a template or a problem', () => {
    const member = fc.constantFrom('parameters', 'endpoints', 'volumes', 'categories', 'tags');
    const holds = fc.property(fc.dictionary(member, tree), (xCep) =>
      allowed(() => read(xCep, web({}))),
    );

    expect(fc.check(holds, { numRuns: 500 })).toMatchObject({ errorInstance: null });
  });

  test('as a value stays a value: it never becomes a key, a list or a variable', () => {
    const template = read(
      parameter('A', { type: 'text' }),
      web({ environment: { X: '<${A}>' }, command: ['${A}', 'end'] }),
    );
    const value = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    const holds = fc.property(value, (A) => {
      const [service] = render(template, { A }, builtins).services;
      return service?.environment.X === `<${A}>` && service.command?.join() === `${A},end`;
    });

    expect(fc.check(holds)).toMatchObject({ failed: false });
  });
});
