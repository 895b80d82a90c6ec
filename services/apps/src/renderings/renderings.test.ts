import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { permissionsOf } from '../engine/permissions.ts';
import { assertGranted, assertMayGrant, assertNeeded } from '../grants/grants.ts';
import { loadBuiltinStore } from '../templates/builtin-store.ts';
import { readOwnFile } from '../templates/own-file.ts';
import { resolveParameters } from '../templates/parameters.ts';
import { render } from '../templates/render.ts';
import type { Template } from '../templates/template.ts';
import { toRendering } from './present.ts';
import { assertAllowed, refusalsOf } from './verdict.ts';

const app = { id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', name: 'shop', generation: 1 };
const owner = { instance: 'aaaa', projectId: 'bbbb' };
const address = '10.42.0.2';
const builtins = {
  CEP_APP_ID: app.id,
  CEP_APP_NAME: app.name,
  CEP_HOST: address,
  CEP_TZ: 'UTC',
  CEP_LANG: 'en',
  CEP_UID: '1000',
  CEP_GID: '1000',
};

function plan(template: Template, given: Record<string, string> = {}, ...grants: string[]) {
  const granted = new Set(grants);
  const { values, secrets } = resolveParameters(template, given, { random: randomBytes });
  const rendered = render(template, values, builtins, {
    granted,
    machine: { platform: 'linux/amd64' },
  });
  const refusals = refusalsOf(rendered, { app, owner, address, granted });
  const needed = permissionsOf(rendered);
  return {
    name: 'shop',
    template,
    address,
    app: rendered,
    values,
    secrets,
    needed,
    granted,
    refusals,
  };
}

const own = (service: string, ...grants: string[]) =>
  plan(
    readOwnFile({ compose: `services: {web: {image: x, ${service}}}`, files: {}, name: 'shop' }),
    {},
    ...grants,
  );

const store = await loadBuiltinStore();
test.each([...store.templates.values()].map((template) => [template.id, template] as const))(
  'the built-in %s passes the policy and needs nothing granted',
  (_, template) => {
    const { refusals, needed } = plan(template);

    expect([...refusals]).toEqual([]);
    expect(needed).toEqual([]);
  },
);

describe('a permission', () => {
  test.each([
    ['cap_add: [net_admin]', 'capability:NET_ADMIN'],
    ['privileged: true', 'privileged'],
    ['devices: [/dev/dri]', 'device:/dev/dri'],
    ['network_mode: host', 'host-network'],
    ['sysctls: {net.ipv4.ip_forward: 1}', 'sysctl:net.ipv4.ip_forward'],
    ['volumes: ["/media:/m:ro"]', 'host-path:/media:ro'],
    ['volumes: ["/srv/x:/m"]', 'host-path:/srv/x'],
    ['dns: 1.1.1.1', 'dns'],
    ['extra_hosts: ["host.docker.internal:host-gateway"]', 'host-gateway'],
    ['deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}', 'gpu'],
  ])('for %s is %s: without it refused, with it allowed', (service, permission) => {
    const without = own(service);
    const granted = own(service, permission);

    expect(without.needed).toMatchObject([{ permission }]);
    expect(() => assertGranted(without.needed, without.granted)).toThrow(`--grant ${permission} `);
    expect(() => assertAllowed(without.refusals)).toThrow(/^web: HostConfig/);
    expect(() => assertGranted(granted.needed, granted.granted)).not.toThrow();
    expect([...granted.refusals]).toEqual([]);
  });

  test('for a low port lets it be just that one', () => {
    expect(own('ports: ["53:53/udp"]').app.services[0]?.ports[0]?.published).toBe(8053);
    const { app: granted, refusals } = own('ports: ["53:53/udp"]', 'host-port:53/udp');
    expect(granted.services[0]?.ports[0]?.published).toBe(53);
    expect([...refusals]).toEqual([]);
  });

  test('does not open what no app may have', () => {
    const { refusals } = own(
      'volumes: ["/var/run/docker.sock:/s"]',
      'host-path:/var/run/docker.sock',
    );

    expect(() => assertAllowed(refusals)).toThrow(
      expect.objectContaining({
        code: 'app-refused',
        message: expect.stringContaining('(mounts)'),
      }),
    );
  });

  test('is granted by administrators, once, and only where it is asked for', () => {
    const ids = { userId: '1', projectId: '2', tokenId: '3', projectName: 'ada', username: 'ada' };
    const caller = (role: 'user' | 'admin') => ({ kind: 'user' as const, role, ...ids });
    const grant = { permission: 'dns', reason: 'asks at home' };

    expect(() => assertMayGrant(caller('user'), [grant])).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
    expect(() => assertMayGrant(caller('user'), [])).not.toThrow();
    expect(() => assertMayGrant(caller('admin'), [grant])).not.toThrow();
    expect(() => assertMayGrant(caller('admin'), [grant, grant])).toThrow('twice');
    expect(() => assertNeeded([], [grant])).toThrow('does not ask for dns. It asks for nothing');
  });
});

describe('what is shown', () => {
  test('is what would run, without secrets', () => {
    const template = store.templates.get('postgres') as Template;
    const shown = toRendering(plan(template, { PASSWORD: 'hunter2hunter2', DATABASE: 'orders' }));

    expect(shown).toMatchObject({
      deployable: true,
      parameters: { PASSWORD: '(hidden)', DATABASE: 'orders' },
      services: [
        {
          name: 'postgres',
          environment: { POSTGRES_DB: 'orders', POSTGRES_PASSWORD: '(hidden)' },
          ports: [{ published: 5432, target: 5432, protocol: 'tcp' }],
          mounts: [{ kind: 'volume', source: 'data', target: '/var/lib/postgresql/data' }],
          limits: { memoryBytes: 2 ** 31, cpus: 2, pids: 512 },
          refusal: null,
        },
      ],
    });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });

  test('has no secret as a part of something else, nor one that only sounds so', () => {
    const shown = toRendering(
      plan(
        readOwnFile({
          compose:
            'services: {web: {image: x, command: "run --url=http://u:$DB_PASSWORD@db", environment: {URL: "http://u:${DB_PASSWORD}@db", API_TOKEN: literal}, ports: ["80:80"]}}',
          files: {},
          name: 'shop',
        }),
        { DB_PASSWORD: 'hunter2' },
      ),
    );

    expect(shown.services[0]).toMatchObject({
      command: ['run', '--url=http://u:(hidden)@db'],
      environment: { URL: 'http://u:(hidden)@db', API_TOKEN: '(hidden)' },
    });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|literal/);
    expect(shown.notes).toEqual([expect.stringContaining('host-port:80/tcp')]);
  });

  test('says what is replaced without a gap, and what cannot be', () => {
    const compose = `
x-cep: {update: {strategy: start-first, observe: 5s}}
services:
  web: {image: x, ports: ["8080:80"]}
  db: {image: x, volumes: ["data:/data"]}
volumes: {data: }`;

    const { notes } = toRendering(plan(readOwnFile({ compose, files: {}, name: 'shop' })));

    expect(notes).toEqual([
      'A proxy holds the ports of web, which is updated without a gap.',
      'db is stopped before its successor starts: it writes the volume data, which two at once must not.',
    ]);
  });

  test('says what is refused, and the way out', () => {
    const shown = toRendering(own('cap_add: [SYS_ADMIN]'));

    expect(shown).toMatchObject({
      deployable: false,
      permissions: [
        {
          permission: 'capability:SYS_ADMIN',
          path: 'compose/services/web/cap_add',
          granted: false,
          reason: null,
        },
      ],
      services: [{ refusal: { rule: 'capabilities', path: 'HostConfig.CapAdd' } }],
    });
  });
});
