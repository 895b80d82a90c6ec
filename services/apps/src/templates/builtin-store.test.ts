import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asWished } from '../endpoints/variables.ts';
import { projectOf, volumeName } from '../engine/names.ts';
import { containerPayload } from '../engine/payload.ts';
import { judgeContainer } from '../engine/policy.ts';
import { loadBuiltinStore } from './builtin-store.ts';
import type { Builtins } from './builtins.ts';
import type { TemplateParameter } from './parameter-schema.ts';
import { isSensitive, resolveParameters } from './parameters.ts';
import { render } from './render.ts';

const store = await loadBuiltinStore();
const ids = [...store.templates.keys()];
const get = (id: string) => {
  const template = store.templates.get(id);
  if (!template) throw new Error(`there is no ${id}`);
  return template;
};
const builtins: Builtins = {
  CEP_APP_ID: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  CEP_APP_NAME: 'shop',
  CEP_HOST: '10.42.0.1',
  CEP_TZ: 'Europe/Rome',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};

function deploy(id: string, given: Record<string, string> = {}) {
  const template = get(id);
  const { values, secrets } = resolveParameters(template, given, { random: randomBytes });
  const app = render(template, values, builtins);
  return { ...asWished(app, app, builtins.CEP_HOST), secrets, values };
}

/** What differs from app to app, in a few lines. */
function outline(id: string, given: Record<string, string> = {}) {
  const { services, volumes, endpoints } = deploy(id, given);
  return [
    ...services.flatMap(({ image, ports, environment }) => [
      image,
      ...ports.map((p) => `${p.published}:${p.target}${p.fixed ? ' fixed' : ''}`),
      ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ]),
    `volumes ${volumes.join(' ')}`,
    ...endpoints.map(({ scheme, port, path }) => `${scheme} ${port}${path}`),
  ];
}

test('the built-in store has what people look for', () => {
  expect(ids.length).toBeGreaterThanOrEqual(24);
  const categories = new Set([...store.templates.values()].flatMap((each) => each.categories));
  expect([...categories]).toEqual(
    expect.arrayContaining([
      'bookmarks',
      'databases',
      'development',
      'documents',
      'feeds',
      'files',
      'git',
      'home-automation',
      'media',
      'messaging',
      'monitoring',
      'notes',
      'passwords',
      'photos',
      'web',
      'wiki',
    ]),
  );
});

describe('with its defaults', () => {
  test('nginx', () => {
    expect(outline('nginx')).toEqual(['nginx:1', '8080:80', 'volumes html', 'http 80']);
  });
  test('redis asks for no password', () => {
    expect(outline('redis')).toEqual([
      'redis:7',
      '6379:6379',
      'REDIS_PASSWORD=',
      'volumes data',
      'redis 6379',
    ]);
  });
  test('python', () => {
    expect(outline('python')).toEqual([
      'python:3',
      '8000:8000',
      'PROGRAM=',
      'volumes files',
      'http 8000',
    ]);
  });
  test.each([
    ['gitea', 'GITEA__server__ROOT_URL', 'http://10.42.0.1:3000/'],
    ['gitea', 'GITEA__server__SSH_PORT', '2222'],
    ['grafana', 'GF_SERVER_ROOT_URL', 'http://10.42.0.1:3000/'],
    ['miniflux', 'BASE_URL', 'http://10.42.0.1:8070'],
    ['nextcloud', 'OVERWRITECLIURL', 'http://10.42.0.1:8080'],
    ['vaultwarden', 'DOMAIN', 'http://10.42.0.1:8222'],
    ['wordpress', 'WORDPRESS_URL', 'http://10.42.0.1:8080'],
  ])('%s has in %s where it is reached', (id, variable, value) => {
    expect(deploy(id).services[0]?.environment[variable]).toBe(value);
  });
  test('navidrome lives in the time zone of the server', () => {
    expect(outline('navidrome')).toContain('TZ=Europe/Rome');
  });
  test.each([
    ['postgres', 'POSTGRES_PASSWORD'],
    ['mongo', 'MONGO_INITDB_ROOT_PASSWORD'],
  ])('%s has a password that no other has', (id, variable) => {
    const passwords = [deploy(id), deploy(id)].map(({ services, secrets, values }) => {
      expect([...secrets]).toEqual(['PASSWORD']);
      expect(services[0]?.environment[variable]).toBe(values.PASSWORD);
      return values.PASSWORD;
    });

    expect(passwords[0]).toMatch(/^[0-9A-Za-z]{33}$/);
    expect(passwords[0]).not.toBe(passwords[1]);
  });
});

describe('with everything set', () => {
  test.each([
    [
      'mongo',
      { USERNAME: 'ada', PASSWORD: 'longenough', PORT: '1' },
      [
        'mongo:8',
        '1:27017 fixed',
        'MONGO_INITDB_ROOT_USERNAME=ada',
        'MONGO_INITDB_ROOT_PASSWORD=longenough',
        'volumes data config',
        'mongodb 27017',
      ],
    ],
    [
      'navidrome',
      {
        SCAN_SCHEDULE: '5m',
        SESSION_TIMEOUT: '1h',
        LOG_LEVEL: 'warn',
        TIMEZONE: 'Asia/Tokyo',
        PORT: '1',
      },
      [
        'deluan/navidrome:0.63.2',
        '1:4533 fixed',
        'ND_SCANSCHEDULE=@every 5m',
        'ND_SESSIONTIMEOUT=1h',
        'ND_LOGLEVEL=warn',
        'ND_ENABLEINSIGHTSCOLLECTOR=false',
        'TZ=Asia/Tokyo',
        'volumes data music',
        'http 4533',
      ],
    ],
    ['nginx', { PORT: '1' }, ['nginx:1', '1:80 fixed', 'volumes html', 'http 80']],
    [
      'postgres',
      { DATABASE: 'shop', USERNAME: 'ada', PASSWORD: 'longenough', PORT: '5432' },
      [
        'postgres:17',
        '5432:5432 fixed',
        'POSTGRES_DB=shop',
        'POSTGRES_USER=ada',
        'POSTGRES_PASSWORD=longenough',
        'volumes data',
        'postgresql 5432',
      ],
    ],
    [
      'python',
      { PROGRAM: 'print("$x")\n', PORT: '1' },
      ['python:3', '1:8000 fixed', 'PROGRAM=print("$x")\n', 'volumes files', 'http 8000'],
    ],
    [
      'redis',
      { PASSWORD: 'x', PORT: '1' },
      ['redis:7', '1:6379 fixed', 'REDIS_PASSWORD=x', 'volumes data', 'redis 6379'],
    ],
  ])('%s', (id, given, expected) => {
    const known = get(id).parameters.map(({ name }) => name);
    expect(Object.keys(given).toSorted()).toEqual(known.toSorted());

    expect(outline(id, given)).toEqual(expected);
  });

  test('redis refuses a password that would end its setting', () => {
    expect(() => deploy('redis', { PASSWORD: 'a" b' })).toThrow('may not have spaces, quotes');
  });
});

describe.each(ids)('%s', (id) => {
  const template = get(id);
  const { services, volumes, endpoints } = deploy(id);

  test('restarts, is checked for its health, and keeps its data in volumes', () => {
    for (const service of services) {
      expect(service).toMatchObject({ restart: 'unless-stopped', healthcheck: {} });
      expect(service.capAdd).toEqual([]);
    }
    expect(Object.keys(template.volumes)).toEqual(volumes);
    expect(endpoints.length).toBeGreaterThan(0);
  });

  test('knows its own addresses', () => {
    expect(JSON.stringify(deploy(id))).not.toMatch(/[\uFDD0\uFDD1]/);
  });

  test('names a version of each image', () => {
    for (const { image } of services) expect(image).toMatch(/:(v?\d|RELEASE\.\d)[\w.-]*$/);
  });

  test('is what every app may be, whatever is set', () => {
    const values = template.parameters.map((each) => [each.name, valuesOf(each)] as const);
    const given = fc
      .record(Object.fromEntries(values), { requiredKeys: [] })
      .map((some) => some as Record<string, string>);
    const refusals = (values: Record<string, string>) => judge(deploy(id, values));

    expect(refusals({})).toEqual([]);
    fc.assert(
      fc.property(given, (values) => {
        const ports = template.parameters.flatMap((each) =>
          each.type === 'port' ? (values[each.name] ?? []) : [],
        );
        fc.pre(new Set(ports).size === ports.length); // One port twice is refused, as it has to be.
        // A key is left out, never undefined.
        expect(refusals(values as Record<string, string>)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  test('has secrets of its own, in no command line', () => {
    const secret = 'Xq7LongEnoughForEveryKeyThereIs1234';
    const secrets = template.parameters.filter(isSensitive);
    const given = Object.fromEntries(secrets.map(({ name }) => [name, secret]));

    for (const { entrypoint, command, healthcheck } of deploy(id, given).services) {
      expect(JSON.stringify([entrypoint, command, healthcheck])).not.toContain(secret);
    }
    for (const { default: fixed } of secrets) expect(fixed).toBeUndefined();
  });

  test('speaks for itself, and says how to see that it works', () => {
    expect(template.description.length).toBeGreaterThan(80);
    expect(template.website).toBeDefined();
    expect(template.tests?.probe.length).toBeGreaterThan(0);
  });
});

/** What a person might give: all that the parameter takes, the odd before the likely. */
function valuesOf(parameter: TemplateParameter): fc.Arbitrary<string> {
  const { type, pattern, min = 0, minLength = 0, maxLength = 200 } = parameter;
  const whole = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String);
  const text = pattern
    ? fc.stringMatching(new RegExp(pattern))
    : fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 200), size: 'max' });
  switch (type) {
    case 'boolean':
      return fc.constantFrom('true', 'false');
    case 'select':
    case 'multiselect':
      return fc.constantFrom(...(parameter.options ?? []).map(({ value }) => value));
    case 'port':
      return whole(1024, 65_535);
    case 'integer':
    case 'number':
      return whole(min, parameter.max ?? 1_000_000);
    case 'size':
      return whole(Math.ceil(min / 2 ** 20), 4096).map((amount) => `${amount}m`);
    case 'duration':
      return whole(min, 1_000_000).map((amount) => `${amount}s`);
    case 'url':
      return fc.webUrl();
    case 'timezone':
      return fc.constantFrom('Asia/Tokyo', 'America/Argentina/Ushuaia');
    case 'email':
      return fc.constantFrom('ada@example.org');
    case 'hostname':
      return fc.domain();
    case 'ip':
      return fc.ipV4();
    case 'user':
      return fc.constantFrom('1000', '33:33');
    case 'string':
    case 'text':
    case 'file':
    case 'secret':
    case 'password':
      return text.map((value) =>
        value
          .replaceAll(
            type === 'secret' || type === 'text' || type === 'file' ? '\0' : /[\0\r\n]/g,
            '$',
          )
          .padEnd(minLength, '0')
          .slice(0, maxLength)
          .replace(/\p{Surrogate}/gu, '$'),
      );
  }
}

/** Every refusal that the engine's guard has for what would be made of an app. */
function judge({ services, volumes }: ReturnType<typeof deploy>): readonly unknown[] {
  const app = { id: builtins.CEP_APP_ID, name: builtins.CEP_APP_NAME, generation: 1 };
  const owner = { instance: 'i', projectId: 'p' };
  const scope = {
    instance: 'i',
    appId: app.id,
    network: projectOf(app),
    volumes: volumes.map((volume) => volumeName(app, volume)),
    address: builtins.CEP_HOST,
  };
  const bindings = services.flatMap(({ name, ports }, service) =>
    ports.map(({ target, protocol }, port) => ({
      service: name,
      target,
      protocol,
      address: builtins.CEP_HOST,
      port: 20_000 + 100 * service + port,
    })),
  );
  return services.flatMap(
    (service) =>
      judgeContainer(containerPayload({ app, owner, bindings }, service, true), scope) ?? [],
  );
}
