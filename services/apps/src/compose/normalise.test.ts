import { describe, expect, test } from '@jest/globals';
import { normalise } from './normalise.ts';
import { readYaml } from './read-yaml.ts';
import { bareService } from './service.fixture.ts';

const render = (text: string) =>
  normalise(readYaml(text, 'it'), {
    lookup: (name) => ({ KNOWN: 'value' })[name],
    fixed: (_service, entry) => entry === 0,
  });

/** One service named web with one more key. */
const web = (yaml: string, rest = '') => render(`services: {web: {image: x, ${yaml}}}\n${rest}`);
const service = (yaml: string, rest = '') => web(yaml, rest).services[0];
const DATA = 'volumes: {data: }';

test('a service that says nothing gets every default', () => {
  expect(render('services: {web: {image: "nginx:1"}}')).toEqual({
    services: [bareService()],
    volumes: [],
  });
});

describe('a key', () => {
  test.each([
    ['command: a "b c"', { command: ['a', 'b c'] }],
    ['command: [a, "b c"]', { command: ['a', 'b c'] }],
    ['command: ""', { command: null }],
    ['entrypoint: [only]', { entrypoint: ['only'] }],
    [
      'environment: {A: 1.0, B: true, C: "", KNOWN: , UNKNOWN: }',
      { environment: { A: '1.0', B: 'true', C: '', KNOWN: 'value' } },
    ],
    [
      'environment: [A=1=2, KNOWN, UNKNOWN, "B="]',
      { environment: { A: '1=2', KNOWN: 'value', B: '' } },
    ],
    ['environment: [A=1]', { environment: { A: '1' } }],
    ['restart: no', { restart: 'no' }],
    ['restart: false', { restart: 'no' }],
    ['restart: unless-stopped', { restart: 'unless-stopped' }],
    ['cap_add: [net_admin, CAP_SYS_ADMIN, NET_ADMIN]', { capAdd: ['NET_ADMIN', 'SYS_ADMIN'] }],
    ['stop_grace_period: 1m500ms', { stopGraceSeconds: 61 }],
    ['stop_signal: SIGINT', { stopSignal: 'SIGINT' }],
    ['init: true, read_only: "true"', { init: true, readOnly: true }],
    [
      'shm_size: 64m, mem_limit: 1g, cpus: 0.5, pids_limit: 10',
      { shmSizeBytes: 2 ** 26, memoryBytes: 2 ** 30, cpus: 0.5, pids: 10 },
    ],
    [
      'deploy: {resources: {limits: {memory: 1g, cpus: "2", pids: 5}}}',
      { memoryBytes: 2 ** 30, cpus: 2, pids: 5 },
    ],
    [
      'user: 1000:1000, working_dir: /app, hostname: web.local',
      { user: '1000:1000', workingDir: '/app', hostname: 'web.local' },
    ],
    ['container_name: my_web', { aliases: ['my_web'] }],
    ['container_name: web', { aliases: [] }],
    ['tmpfs: /run', { mounts: [{ kind: 'tmpfs', target: '/run', sizeBytes: 2 ** 26 }] }],
    [
      'tmpfs: ["/run:size=1m"]',
      { mounts: [{ kind: 'tmpfs', target: '/run', sizeBytes: 2 ** 20 }] },
    ],
    [
      'volumes: [{type: tmpfs, target: /run, tmpfs: {size: 1m}}]',
      { mounts: [{ kind: 'tmpfs', target: '/run', sizeBytes: 2 ** 20 }] },
    ],
    ['expose: [80, "90/udp"], x-note: {a: 1}', { ports: [] }],
  ])('%s', (yaml, expected) => {
    expect(service(yaml)).toMatchObject(expected);
  });

  test.each([
    ['volumes: ["data:/d"]', false],
    ['volumes: ["data:/d:rw"]', false],
    ['volumes: ["data:/d:ro"]', true],
    ['volumes: [{type: volume, source: data, target: /d, read_only: true}]', true],
  ])('%s', (yaml, readOnly) => {
    expect(service(yaml, DATA)?.mounts).toEqual([
      { kind: 'volume', volume: 'data', target: '/d', readOnly },
    ]);
  });

  test.each([
    ['healthcheck: {test: curl x}', ['CMD-SHELL', 'curl x']],
    ['healthcheck: {test: [CMD, curl, x]}', ['CMD', 'curl', 'x']],
    ['healthcheck: {test: [CMD-SHELL, curl x]}', ['CMD-SHELL', 'curl x']],
    ['healthcheck: {test: [NONE]}', ['NONE']],
    ['healthcheck: {disable: true}', ['NONE']],
  ])('%s', (yaml, test) => {
    expect(service(yaml)?.healthcheck).toEqual({
      test,
      interval: 30_000,
      timeout: 30_000,
      startPeriod: 0,
      retries: 3,
    });
  });

  test('healthcheck with every time', () => {
    const yaml =
      'healthcheck: {test: x, interval: 5s, timeout: 100us, start_period: 1m, retries: 7}';

    expect(service(yaml)?.healthcheck).toMatchObject({
      interval: 5000,
      timeout: 1,
      startPeriod: 60_000,
      retries: 7,
    });
  });
});

describe('a port', () => {
  const port = (target: number, published: number, protocol = 'tcp', fixed = true) => ({
    target,
    published,
    protocol,
    fixed,
  });

  test.each([
    ['80', [port(80, 80)]],
    ['"8080:80"', [port(80, 8080)]],
    ['"53:53/udp"', [port(53, 53, 'udp')]],
    ['"8000-8001:9000-9001/tcp"', [port(9000, 8000), port(9001, 8001)]],
    ['{target: 80}', [port(80, 80)]],
    ['{target: 80, published: 8080, protocol: udp, name: web}', [port(80, 8080, 'udp')]],
    ['"1:1", "1:1/udp"', [port(1, 1), port(1, 8001, 'udp', false)]],
  ])('[%s] is read', (yaml, ports) => {
    expect(service(`ports: [${yaml}]`)?.ports).toEqual(ports);
  });

  test.each([
    ['"0:80"', 'ports/0'],
    ['"80:65536"', 'ports/0'],
    ['"127.0.0.1:80:80"', 'cep chooses the address'],
    ['"80:80/sctp"', 'ports/0'],
    ['"8000-8001:80"', 'different lengths'],
    ['"90-80:90-80"', 'ports/0'],
    ['"1-60000:1-60000"', 'at most 100'],
    ['"80:80", "80:81"', 'publish 80/tcp twice'],
    ['{target: 80, published: 80-81}', 'not a range'],
    ['{target: 80, host_ip: 1.2.3.4}', 'compose/services/web/ports/0 has no member "host_ip"'],
    ['{published: 80}', "'target'"],
  ])('[%s] is refused', (yaml, words) => {
    expect(() => service(`ports: [${yaml}]`)).toThrow(words);
  });
});

describe('what cep does not run is refused by name', () => {
  test.each([
    ['network-mode: host', '/web has no member "network-mode"'],
    ['x-cep: {rôle: web}', '/web/x-cep has no member "rôle"'],
    ['"a\\nb": 1', '/web has no member "a\nb"'],
    ['healthcheck: {test: x, intervall: 5s}', '/web/healthcheck has no member "intervall"'],
    ['deploy: {resources: {limits: {gpu: 1}}}', '/limits has no member "gpu"'],
    ['deploy: {replicas: 2}', '/deploy/replicas must be 1'],
    ['volumes: [{type: npipe, target: /x}]', '/volumes/0/type'],
    ['volumes: ["data:data"]', 'absolute path'],
    ['volumes: ["data:/a/../b"]', 'absolute path'],
    ['volumes: ["data:/d:rshared"]', ':ro, :rw or :nocopy'],
    ['volumes: ["data:/d", "data:/d"]', 'two things at /d'],
    ['volumes: ["other:/d"]', 'must declare "other"'],
    ['volumes: {a: b}', '/volumes must be array'],
    ['depends_on: [db]', '"db", which is no service'],
    ['depends_on: {db: {condition: ready}}', '/db/condition'],
    ['links: ["db:database"]', '"db", which is no service'],
    ['healthcheck: {test: []}', '/healthcheck/test must be'],
    ['healthcheck: {test: [curl]}', '/healthcheck/test must be'],
    ['healthcheck: {test: x, interval: 5}', '/interval must be a duration'],
    ['restart: "on-failure:0"', '/restart is not valid: no, always'],
    ['cap_add: ["a;b"]', '"a;b", which is no capability'],
    ['environment: {"A B": x}', 'names no variable'],
    ['mem_limit: lots', 'memory must be a size'],
    ['mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}', 'limits its memory twice'],
    ['command: "sh -c \'x"', '/command has a quote'],
    ['init: maybe', '/init must be boolean'],
    ['hostname: "a b"', '/hostname is no host name'],
    ['stop_signal: "kill -9"', '/stop_signal must be'],
  ])('%s', (yaml, words) => {
    expect(() => service(yaml, DATA)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words) }),
    );
  });

  test.each([
    ['networks: {a: {external: true}}\nservices: {web: {image: x}}', 'may not have "external"'],
    ['services: {}', '/services'],
    ['services: {web: }', '/services/web'],
    ['services: {my_web: {image: x}}', 'compose/services/my_web must be named'],
    ['services: {"a\\nb": {image: x}}', 'must be named'],
    ['services: {web: {}}', "'image'"],
    ['services: {web: {image: x}}\nvolumes: {data: {driver: nfs}}', '/data/driver must be'],
    ['just text', 'compose must be object'],
  ])('%s', (yaml, words) => {
    expect(() => render(yaml)).toThrow(words);
  });
});

describe('services together', () => {
  const three = (a: string, b: string, c: string) =>
    render(`services: {a: {image: x, ${a}}, b: {image: x, ${b}}, c: {image: x, ${c}}}`);

  test('depend on each other in both forms', () => {
    const { services } = three(
      'depends_on: [b, b]',
      'depends_on: {c: {condition: service_healthy}}',
      '',
    );

    expect(services.map(({ dependsOn }) => dependsOn)).toEqual([
      [{ service: 'b', condition: 'started' }],
      [{ service: 'c', condition: 'healthy' }],
      [],
    ]);
  });

  test.each([
    ['depends_on: [a]', '', '', 'a → a'],
    ['depends_on: [b]', 'depends_on: [c]', 'depends_on: [a]', 'a → b → c → a'],
    ['depends_on: [b]', 'depends_on: [c]', 'depends_on: [b]', 'b → c → b'],
  ])('never in a circle: %s, %s, %s', (a, b, c, cycle) => {
    expect(() => three(a, b, c)).toThrow(`depend on each other: ${cycle}.`);
  });

  test('do not wait for a health that nobody checks', () => {
    const waits = 'depends_on: {b: {condition: service_healthy}}';

    expect(() => three(waits, 'healthcheck: {disable: true}', '')).toThrow('not checked');
  });

  test('are known by their links and container names', () => {
    const { services } = three('links: ["b:database", c]', 'container_name: pg', '');

    expect(services.map(({ aliases }) => aliases)).toEqual([[], ['database', 'pg'], []]);
  });

  test('never share a name', () => {
    expect(() => three('container_name: b', '', '')).toThrow('the name "b" of "b"');
    expect(() => three('container_name: x', 'container_name: x', '')).toThrow('"x" of "a"');
  });
});
