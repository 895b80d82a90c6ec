/** What the policy allows, and that no change to a good request slips through it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Service } from '../compose/model.ts';
import { judge, merge } from './adversarial/cases.fixture.ts';
import { good, ownLabels, payload, scope } from './payload.fixture.ts';
import { judgeContainer, judgeExec, judgeNetwork, judgeUpdate, judgeVolume } from './policy.ts';

const granting = (...granted: string[]) => ({ ...scope, granted: new Set(granted) });

describe('the policy allows', () => {
  test.each<[string, Partial<Service>]>([
    ['a plain service', {}],
    ['limits', { memoryBytes: 2 ** 28, cpus: 1.5, pids: 100, shmSizeBytes: 2 ** 26 }],
    ['a capability of Docker’s own set', { capAdd: ['NET_RAW'] }],
    ['fewer capabilities', { capDrop: ['ALL'] }],
    [
      'what a process may say',
      {
        entrypoint: ['sh'],
        user: '1000',
        groupAdd: ['1000', 'video'],
        workingDir: '/srv',
        hostname: 'web',
        domainname: 'example.com',
        stopSignal: 'SIGINT',
        init: true,
        readOnly: true,
        tty: true,
        stdinOpen: true,
        restart: 'on-failure',
        restartLimit: 3,
        stopGraceSeconds: 0,
      },
    ],
    ['labels of its own', { labels: { team: 'a', 'org.opencontainers.image.title': 'x' } }],
    ['annotations', { annotations: { note: 'a' } }],
    ['no network', { network: 'none', ports: [] }],
    ['names', { dnsSearch: ['.'], dnsOptions: ['ndots:1'], extraHosts: ['db.example:10.0.0.5'] }],
    ['kernel parameters of its own', { sysctls: { 'net.core.somaxconn': '1024' } }],
    ['limits of a process', { ulimits: [{ name: 'memlock', soft: -1, hard: -1 }] }],
    ['sharing within the app', { pidOf: 'db', ipcOf: 'db' }],
    ['other logs', { logging: { driver: 'local', maxSize: '20m', maxFiles: 5 } }],
    ['no logs', { logging: { driver: 'none' } }],
    ['shares', { cpuShares: 512, memoryReservationBytes: 2 ** 26 }],
  ])('%s', (_what, changed) => {
    const made = (startInterval: boolean) => {
      const asked = payload(changed, startInterval);
      return changed.network ? merge(asked, { HostConfig: { PortBindings: null } }) : asked;
    };

    expect(judgeContainer(made(true), scope)).toBeUndefined();
    expect(judgeContainer(made(false), scope)).toBeUndefined();
  });

  test.each<[string, Partial<Service>]>([
    ['capability:NET_ADMIN', { capAdd: ['NET_ADMIN'] }],
    ['privileged', { privileged: true }],
    ['device:/dev/dri', { devices: [{ source: '/dev/dri', target: '/dev/dri', access: 'rw' }] }],
    ['gpu', { gpus: { count: -1, ids: [], driver: 'nvidia', capabilities: ['gpu'] } }],
    ['sysctl:net.ipv4.ip_forward', { sysctls: { 'net.ipv4.ip_forward': '1' } }],
    ['dns', { dns: ['1.1.1.1'] }],
    ['host-gateway', { extraHosts: ['host.docker.internal:host-gateway'] }],
    [
      'host-path:/media:ro',
      { mounts: [{ kind: 'host', source: '/media', target: '/m', readOnly: true }] },
    ],
    [
      'host-path:/srv/x',
      { mounts: [{ kind: 'host', source: '/srv/x', target: '/m', readOnly: false }] },
    ],
  ])('%s, and what it allows, only where it is granted', (permission, changed) => {
    expect(judgeContainer(payload(changed), scope)).toBeDefined();
    expect(judgeContainer(payload(changed), granting(permission))).toBeUndefined();
  });

  test('the machine’s network and low ports, where they are granted', () => {
    const onHost = merge(payload({ network: 'host' }), { HostConfig: { PortBindings: null } });
    const dns = merge(good.container, {
      HostConfig: { PortBindings: { '53/udp': [{ HostIp: '10.42.0.2', HostPort: '53' }] } },
    });

    expect(judgeContainer(onHost, granting('host-network'))).toBeUndefined();
    expect(judgeContainer(dns, granting('host-port:53/udp'))).toBeUndefined();
  });
});

/** Any of the good requests, and how it is judged. */
const judges = {
  container: (request: unknown) => judgeContainer(request, scope),
  network: (request: unknown) => judgeNetwork(request, scope),
  volume: (request: unknown) => judgeVolume(request, scope),
  update: (request: unknown) => judgeUpdate(request, scope, ownLabels),
  exec: (request: unknown) => judgeExec(request, scope, ownLabels),
};
const kinds = Object.keys(judges) as (keyof typeof judges)[];

const holds = <T>(property: fc.IProperty<T>, numRuns = 500) =>
  expect(fc.check(property, { numRuns })).toMatchObject({ failed: false, counterexample: null });

const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/);
const anything = fc.jsonValue({ maxDepth: 2 });

/** Where a member can be added: every object in a good request whose members are fixed. */
const PLACES: Record<keyof typeof judges, readonly (readonly string[])[]> = {
  container: [
    [],
    ['HostConfig'],
    ['Healthcheck'],
    ['NetworkingConfig'],
    ['HostConfig', 'RestartPolicy'],
    ['HostConfig', 'LogConfig'],
    ['HostConfig', 'LogConfig', 'Config'],
    ['NetworkingConfig', 'EndpointsConfig', scope.network],
  ],
  network: [[], ['Options']],
  volume: [[]],
  update: [[]],
  exec: [[]],
};

const nested = (path: readonly string[], value: object): object =>
  path.reduceRight<object>((inner, name) => ({ [name]: inner }), value);

describe('no good request passes any more', () => {
  test('with a member that nobody knows, wherever it stands', () => {
    const place = fc
      .constantFrom(...kinds)
      .chain((kind) => fc.tuple(fc.constant(kind), fc.constantFrom(...PLACES[kind])));
    // No member of the engine's is in lower case with an x in front.
    const name = fc.oneof(
      word.map((text) => `x-${text}`),
      fc.constantFrom('__proto__', 'constructor', 'toString'),
    );
    holds(
      fc.property(
        place,
        name,
        anything.filter((value) => value !== null),
        ([kind, path], member, value) => {
          const added = Object.defineProperty({}, member, { value, enumerable: true });
          return judges[kind](merge(good[kind], nested(path, added))) !== undefined;
        },
      ),
    );
  });

  test('with any path of the machine', () => {
    const path = fc
      .array(fc.stringMatching(/^[\w.-]{1,12}$/), { maxLength: 5 })
      .map((parts) => `/${parts.join('/')}`);
    holds(
      fc.property(path, fc.boolean(), fc.boolean(), (Source, ReadOnly, byBinds) => {
        const mount = { Type: 'bind', Source, Target: '/m', ReadOnly, BindOptions: {} };
        const host = byBinds ? { Binds: [`${Source}:/m`] } : { Mounts: [mount] };
        return judge({ refuse: '', rule: 'mounts', host }) !== undefined;
      }),
    );
  });

  test('with a capability beyond those of all, in whatever company and spelling', () => {
    const dangerous = fc.constantFrom(
      'SYS_ADMIN',
      'NET_ADMIN',
      'SYS_MODULE',
      'BPF',
      'ALL',
      'SYS_PTRACE',
    );
    const spelt = fc
      .tuple(dangerous, fc.constantFrom('', 'CAP_'), fc.boolean())
      .map(([name, prefix, lower]) => (lower ? (prefix + name).toLowerCase() : prefix + name));
    holds(
      fc.property(fc.subarray(['CHOWN', 'KILL', 'NET_RAW']), spelt, (fine, bad) => {
        const host = { CapAdd: [...fine, bad] };
        return judge({ refuse: '', rule: 'capabilities', host })?.rule === 'capabilities';
      }),
    );
  });

  test('with any device, kernel parameter outside the list, or security option', () => {
    const host = fc.oneof(
      word.map((name) => ({
        Devices: [
          { PathOnHost: `/dev/${name}`, PathInContainer: '/dev/x', CgroupPermissions: 'rwm' },
        ],
      })),
      fc
        .tuple(fc.constantFrom('kernel.', 'vm.', 'fs.', 'net.ipv4.conf.', 'dev.', 'user.'), word)
        .map(([prefix, name]) => ({ Sysctls: { [`${prefix}${name}x`]: '1' } })),
      fc
        .tuple(
          fc.constantFrom('seccomp', 'apparmor', 'label', 'systempaths'),
          fc.constantFrom(':', '='),
          word,
        )
        .map((parts) => ({ SecurityOpt: ['no-new-privileges:true', parts.join('')] })),
    );
    holds(
      fc.property(
        host,
        (asked) => judge({ refuse: '', rule: 'devices', host: asked }) !== undefined,
      ),
    );
  });

  test('with a namespace of the machine or of a stranger', () => {
    const member = fc.constantFrom(
      'PidMode',
      'IpcMode',
      'NetworkMode',
      'UTSMode',
      'UsernsMode',
      'CgroupnsMode',
    );
    const mode = fc.oneof(
      fc.constant('host'),
      word.map((name) => `container:${name}`),
    );
    holds(
      fc.property(member, mode, (name, value) => {
        return judge({ refuse: '', rule: 'namespaces', host: { [name]: value } }) !== undefined;
      }),
    );
  });

  test('with a port on any other address, or below 1024', () => {
    const elsewhere = fc
      .oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('', '0.0.0.0', '::'))
      .filter((ip) => ip !== scope.address);
    const binding = fc.oneof(
      fc.tuple(elsewhere, fc.integer({ min: 1024, max: 65_535 })),
      fc.tuple(fc.constant(scope.address), fc.integer({ min: -1, max: 1023 })),
    );
    holds(
      fc.property(binding, ([HostIp, port]) => {
        const host = { PortBindings: { '80/tcp': [{ HostIp, HostPort: String(port) }] } };
        return judge({ refuse: '', rule: 'ports', host })?.rule === 'ports';
      }),
    );
  });

  test('with a forged label, on containers, networks and volumes alike', () => {
    const forged = fc.oneof(
      fc.tuple(fc.constantFrom('cep.app', 'cep.instance'), word),
      fc.tuple(
        word.map((name) => `cep.x${name}`),
        word,
      ),
      fc.tuple(
        word.map((name) => `com.docker.swarm.${name}`),
        word,
      ),
      fc.tuple(
        word.map((name) => `traefik.${name}`),
        word,
      ),
    );
    holds(
      fc.property(
        fc.constantFrom('container', 'network', 'volume'),
        forged,
        (kind, [name, value]) => {
          const refusal = judges[kind](merge(good[kind], { Labels: { [name]: value } }));
          return refusal?.rule === 'labels';
        },
      ),
    );
  });

  test('of whatever shape: it is judged and never crashes', () => {
    holds(
      fc.property(fc.constantFrom(...kinds), anything, (kind, request) => {
        const refusal = judges[kind](request);
        return refusal !== undefined || (kind === 'update' && JSON.stringify(request) === '{}');
      }),
      1000,
    );
  });
});
