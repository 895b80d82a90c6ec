import { randomBytes } from 'node:crypto';
import { resolveParameters } from '@cep/apps/templates/parameters';
import { render } from '@cep/apps/templates/render';
import { readTemplate } from '@cep/apps/templates/template';
import { convert } from '@cep/cli/convert/convert';
import type { Converted, Tree } from '@cep/cli/convert/draft';
import { describe, expect, test } from '@jest/globals';

const builtins = {
  CEP_APP_ID: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  CEP_APP_NAME: 'shop',
  CEP_HOST: '10.42.0.1',
  CEP_TZ: 'Europe/Rome',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};
const none = { otherwise: 'folder', stackFile: () => undefined };

/** As a store would read it, and an app of it with nothing set. JSON is YAML. */
function deployed({ id, compose, readme }: Converted) {
  const text = JSON.stringify(compose);
  const template = readTemplate({ store: 'mine', id, compose: text, readme });
  const { values } = resolveParameters(template, {}, { random: randomBytes });
  return { template, values, ...render(template, values, builtins) };
}

function only(document: Tree, options: Partial<Parameters<typeof convert>[1]> = {}) {
  const { apps, refused } = convert(document, { ...none, ...options });
  expect(refused).toEqual([]);
  const [app] = apps;
  if (!app) throw new Error('nothing was converted');
  return { ...deployed(app), warnings: app.warnings };
}

describe('a compose file', () => {
  const blog: Tree = {
    services: {
      web: {
        image: 'example/blog:2.1',
        container_name: 'blog',
        privileged: true,
        ports: ['80:8080', '127.0.0.1:${SSH_PORT:-2222}:22/tcp', '5000-5001:5000-5001/udp'],
        environment: [
          'DB_URL=postgres://blog:changeme@db_server/blog',
          'TITLE=${TITLE:-My blog}',
          'TZ=${TZ}',
          'API_TOKEN=${API_TOKEN}',
          'PRICE=5$$',
        ],
        volumes: [
          './uploads:/srv/uploads',
          '${ROOT:-/mnt}/cache:/srv/cache:ro',
          '/var/run/docker.sock:/var/run/docker.sock',
          '/etc/localtime:/etc/localtime:ro',
        ],
        depends_on: { db_server: { condition: 'service_healthy', required: true } },
        restart: 'on-failure:5',
        networks: ['front'],
      },
      db_server: {
        image: 'postgres:17',
        environment: { POSTGRES_PASSWORD: 'changeme', POSTGRES_PORT: 5432 },
        volumes: ['db:/var/lib/postgresql/data'],
        healthcheck: { test: ['CMD', 'true'], interval: '5s', start_interval: '1s' },
        restart: false,
      },
    },
    volumes: { db: null },
    networks: { front: null },
  };

  test('is a template with ports, volumes and secrets of its own', () => {
    const { services, endpoints, volumes, values, template } = only(blog);

    expect(template).toMatchObject({ id: 'folder', version: '2.1' });
    const [web, db] = services;
    expect(web?.ports).toMatchObject([
      { published: 8080, target: 8080 },
      { published: 2222, target: 22 },
      { published: 5000, protocol: 'udp' },
      { published: 5001, protocol: 'udp' },
    ]);
    expect(endpoints.map(({ name, scheme }) => [name, scheme])).toEqual([
      ['web', 'http'],
      ['web-22', 'ssh'],
    ]);
    expect(volumes).toEqual(['uploads', 'cache', 'db']);
    expect(web?.mounts).toMatchObject([
      { readOnly: false },
      { target: '/srv/cache', readOnly: true },
    ]);
    expect(web?.environment).toMatchObject({ TITLE: 'My blog', TZ: 'Europe/Rome', PRICE: '5$' });
    expect(web?.dependsOn).toEqual([{ service: 'db-server', condition: 'healthy' }]);
    expect(web?.aliases).toContain('blog');
    expect(db?.aliases).toContain('db_server');
    const password = db?.environment.POSTGRES_PASSWORD;
    expect(password).toBe(values.POSTGRES_PASSWORD);
    expect(password).toHaveLength(33);
    expect(web?.environment.DB_URL).toBe(`postgres://blog:${password}@db_server/blog`);
  });

  test('says what it is without', () => {
    const { warnings } = only(blog);

    for (const word of [
      'docker.sock',
      '"privileged"',
      'port 80 becomes 8080',
      'POSTGRES_PASSWORD had a fixed value',
      './uploads',
    ]) {
      expect(warnings.join('\n')).toContain(word);
    }
    expect(warnings.join('\n')).not.toContain('changeme');
  });

  test.each([
    ['that is built', { services: { web: { build: '.' } } }, 'has no image'],
    ['without services', {}, 'has no services'],
  ])('%s is refused', (_, document, words) => {
    const { apps, refused } = convert(document, { ...none, from: 'compose' });

    expect(apps).toEqual([]);
    expect(refused).toEqual([expect.stringContaining(words)]);
  });
});

test('an app of CasaOS keeps its name, its words and its main service', () => {
  const { template, services, endpoints, volumes } = only({
    name: 'wiki',
    services: {
      db: {
        image: 'postgres:17',
        environment: { POSTGRES_PASSWORD: '${POSTGRES_PASSWORD:-casaos}' },
      },
      app: {
        image: 'example/wiki:1',
        network_mode: 'bridge',
        ports: [{ target: 80, published: '8042', protocol: 'tcp' }],
        volumes: [{ type: 'bind', source: '/DATA/AppData/$AppID/data', target: '/data' }],
        environment: { PUID: '$PUID', TZ: '$TZ' },
        'x-casaos': { ports: [] },
      },
    },
    'x-casaos': {
      main: 'app',
      title: { en_us: 'The Wiki' },
      tagline: { en_us: 'Write together' },
      description: { de_de: 'Ein Wiki', en_us: 'A wiki\u202e for <b>all</b>.' },
      category: 'Social & Work',
    },
  });

  expect(template).toMatchObject({
    id: 'wiki',
    name: 'The Wiki',
    summary: 'Write together',
    categories: ['social-work'],
    description: 'A wiki for all.\n',
  });
  expect(services.map(({ name }) => name)).toEqual(['app', 'db']);
  expect(services[0]?.environment).toEqual({ PUID: '1000', TZ: 'Europe/Rome' });
  expect(services[1]?.environment.POSTGRES_PASSWORD).toHaveLength(33);
  expect(endpoints).toMatchObject([{ name: 'web', service: 'app', port: 80 }]);
  expect(volumes).toEqual(['data']);
});

describe('a list of Portainer', () => {
  const container: Tree = {
    type: 1,
    title: 'Key Value',
    description: 'Keeps things',
    categories: ['Database'],
    platform: 'linux',
    image: 'redis:7',
    ports: ['6379/tcp'],
    volumes: [{ container: '/data' }, { container: '/x', bind: '/srv/x', readonly: true }],
    env: [
      {
        name: 'MODE',
        label: 'Mode',
        select: [
          { text: 'Fast', value: 'f' },
          { text: 'Safe', value: 's', default: true },
        ],
      },
      { name: 'ROOT_PASSWORD', label: 'Password', default: 'root' },
      { name: 'FIXED', default: 'a$b', preset: true },
    ],
  };

  test.each([
    ['3', { version: '3', templates: [container] }],
    ['2', { version: '2', templates: [container] }],
    ['1, which is a bare list', [container]],
  ])('of version %s has containers with what can be set', (_, document) => {
    const { template, services, volumes, endpoints } = only(document);

    expect(template).toMatchObject({
      id: 'key-value',
      name: 'Key Value',
      categories: ['database'],
    });
    expect(services[0]).toMatchObject({
      image: 'redis:7',
      environment: { MODE: 's', FIXED: 'a$b', ROOT_PASSWORD: expect.stringMatching(/^\w{33}$/) },
    });
    expect(volumes).toEqual(['data', 'x']);
    expect(endpoints).toMatchObject([{ scheme: 'redis', port: 6379 }]);
  });

  const stack: Tree = {
    type: 3,
    title: 'Stack',
    repository: { url: 'https://git.example/templates', stackfile: 'stacks/one.yml' },
    env: [{ name: 'LEVEL', label: 'Level', default: 'info' }],
  };

  test('has stacks, whose file lies beside the list', () => {
    const file: Tree = {
      services: { one: { image: 'busybox:1', environment: ['LEVEL=${LEVEL}'] } },
    };

    const { services, template } = only([stack], {
      stackFile: (path) => (path === 'stacks/one.yml' ? file : undefined),
    });

    expect(services[0]?.environment).toEqual({ LEVEL: 'info' });
    expect(template.parameters).toMatchObject([{ name: 'LEVEL', label: 'Level' }]);
  });

  test('names what it cannot take: other files, swarm, Windows, the second of a name', () => {
    const { apps, refused } = convert(
      [
        container,
        container,
        stack,
        { type: 2, title: 'Swarm' },
        { ...container, platform: 'windows' },
      ],
      none,
    );

    expect(apps).toHaveLength(1);
    expect(refused).toHaveLength(4);
    expect(refused.join('\n')).toContain('stacks/one.yml of https://git.example/templates');
  });
});

test.each<[Tree]>([
  [null],
  ['text'],
  [7],
  [[]],
  [[null]],
  [{}],
  [{ templates: [7, {}] }],
  [{ services: { a: null } }],
])('what is no app, such as %j, is refused and breaks nothing', (document) => {
  expect(convert(document, none).apps).toEqual([]);
});
