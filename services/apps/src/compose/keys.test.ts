/** Every key of the subset, in the forms that real files have it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { interpolate, interpolateTree } from './interpolate.ts';
import { normalise } from './normalise.ts';
import { readYaml } from './read-yaml.ts';

const platform = 'linux/amd64';
const files = {
  'app.env': '# c\nA=1\nexport B="x\\ny"\nC=\'z\' # d\nD=5 # e\nKNOWN\n',
  'f.txt': 'f',
};
const render = (text: string) =>
  normalise(readYaml(text, 'it'), {
    lookup: (name) => ({ KNOWN: 'value' })[name],
    fixed: () => false,
    files,
    platform,
  });
const TOP = `
volumes: {data: }
networks: {front: , back: }
configs: {c: {content: "text"}, k: {environment: KNOWN}}
secrets: {s: {file: f.txt}}`;
const app = (yaml: string) =>
  render(`services: {web: {image: x, ${yaml}}, db: {image: y}}\n${TOP}`);
const service = (yaml: string) => app(yaml).services[0];

describe('a key', () => {
  test.each<[string, object]>([
    ['env_file: app.env', { environment: { A: '1', B: 'x\ny', C: 'z', D: '5', KNOWN: 'value' } }],
    ['env_file: [app.env], environment: {A: "2"}', { environment: { A: '2' } }],
    ['env_file: [{path: none.env, required: false}]', { environment: {} }],
    ['networks: [front]', { aliases: [] }],
    ['networks: {front: {aliases: [shop, www]}, back: }', { aliases: ['shop', 'www'] }],
    ['network_mode: none', { network: 'none' }],
    ['network_mode: host', { network: 'host' }],
    [
      'network_mode: "service:db"',
      { network: { of: 'db' }, dependsOn: [{ service: 'db', condition: 'started' }] },
    ],
    ['pid: "service:db"', { pidOf: 'db', dependsOn: [{ service: 'db', condition: 'started' }] }],
    ['ipc: "service:db"', { ipcOf: 'db' }],
    [
      'depends_on: {db: {condition: service_started, restart: true, required: true}}',
      { dependsOn: [{ service: 'db', condition: 'started' }] },
    ],
    ['depends_on: {gone: {condition: service_started, required: false}}', { dependsOn: [] }],
    ['healthcheck: {test: x, start_interval: 1s}', { healthcheck: { startInterval: 1000 } }],
    [
      'healthcheck: {test: x, interval: 5s}, x-cep: {injectedHealth: false}',
      { healthcheck: { startInterval: 5000 } },
    ],
    ['restart: "on-failure:5"', { restart: 'on-failure', restartLimit: 5 }],
    ['domainname: example.com', { domainname: 'example.com' }],
    ['labels: {team: a, "org.example": }', { labels: { team: 'a', 'org.example': '' } }],
    ['labels: ["team=a=b"]', { labels: { team: 'a=b' } }],
    ['annotations: {note: a}', { annotations: { note: 'a' } }],
    ['group_add: [1000, video]', { groupAdd: ['1000', 'video'] }],
    ['tty: true, stdin_open: true', { tty: true, stdinOpen: true }],
    [
      'tmpfs: "/run:size=1m,mode=1777,noexec"',
      { mounts: [{ kind: 'tmpfs', sizeBytes: 2 ** 20, mode: 0o1777 }] },
    ],
    [
      'ulimits: {nofile: 1024, memlock: {soft: -1, hard: -1}}',
      {
        ulimits: [
          { name: 'nofile', soft: 1024, hard: 1024 },
          { name: 'memlock', soft: -1, hard: -1 },
        ],
      },
    ],
    ['cap_drop: [ALL], cap_add: [CAP_CHOWN]', { capDrop: ['ALL'], capAdd: ['CHOWN'] }],
    ['security_opt: ["no-new-privileges:true", no-new-privileges=true, no-new-privileges]', {}],
    ['privileged: true', { privileged: true }],
    [
      'devices: ["/dev/dri:/dev/dri:rw", /dev/kvm]',
      {
        devices: [
          { source: '/dev/dri', target: '/dev/dri', access: 'rw' },
          { source: '/dev/kvm', target: '/dev/kvm', access: 'rwm' },
        ],
      },
    ],
    ['sysctls: {net.core.somaxconn: 1024}', { sysctls: { 'net.core.somaxconn': '1024' } }],
    ['sysctls: ["net/core/somaxconn=1"]', { sysctls: { 'net.core.somaxconn': '1' } }],
    ['dns: 1.1.1.1', { dns: ['1.1.1.1'] }],
    ['dns: [1.1.1.1, "fd00::1"]', { dns: ['1.1.1.1', 'fd00::1'] }],
    ['dns_search: [example.com, .]', { dnsSearch: ['example.com', '.'] }],
    ['dns_opt: ["ndots:1"]', { dnsOptions: ['ndots:1'] }],
    [
      'extra_hosts: ["a:1.2.3.4", "b=[fd00::1]", "c:host-gateway"]',
      { extraHosts: ['a:1.2.3.4', 'b:fd00::1', 'c:host-gateway'] },
    ],
    ['extra_hosts: {a: 1.2.3.4}', { extraHosts: ['a:1.2.3.4'] }],
    [
      'logging: {driver: json-file, options: {max-size: 5m, max-file: "2"}}',
      { logging: { driver: 'json-file', maxSize: '5m', maxFiles: 2 } },
    ],
    ['logging: {driver: none}', { logging: { driver: 'none' } }],
    ['platform: linux/amd64', {}],
    ['pull_policy: never', { pullPolicy: 'never' }],
    ['pull_policy: missing', {}],
    ['deploy: {replicas: 1, mode: replicated}', {}],
    [
      'deploy: {restart_policy: {condition: on-failure, max_attempts: 3, delay: 5s}}',
      { restart: 'on-failure', restartLimit: 3 },
    ],
    ['deploy: {restart_policy: {condition: any}}', { restart: 'always' }],
    ['deploy: {update_config: {order: start-first}}', { updateOrder: 'start-first' }],
    ['deploy: {placement: {constraints: ["node.role == manager"]}}', {}],
    [
      'deploy: {resources: {reservations: {memory: 64m, devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}',
      {
        memoryReservationBytes: 2 ** 26,
        gpus: { count: 1, ids: [], driver: 'nvidia', capabilities: ['gpu'] },
      },
    ],
    ['mem_reservation: 64m, cpu_shares: 512', { memoryReservationBytes: 2 ** 26, cpuShares: 512 }],
    ['configs: [c]', { files: [{ target: '/c', content: 'text', mode: 0o444, uid: 0, gid: 0 }] }],
    [
      'configs: [{source: k, target: /etc/k, mode: "0440", uid: "1", gid: "2"}]',
      { files: [{ target: '/etc/k', content: 'value', mode: 0o440, uid: 1, gid: 2 }] },
    ],
    ['secrets: [s]', { files: [{ target: '/run/secrets/s', content: 'f' }] }],
    [
      'secrets: [{source: s, target: pw, mode: 0400}]',
      {
        files: [{ target: '/run/secrets/pw', mode: 0o400 }],
      },
    ],
    ['volumes: ["./f.txt:/etc/f:ro"]', { files: [{ target: '/etc/f', content: 'f' }], mounts: [] }],
    ['volumes: ["./data:/d"]', { mounts: [{ kind: 'volume', volume: 'folder-data' }] }],
    ['volumes: [/d]', { mounts: [{ kind: 'volume', volume: 'anonymous-d', target: '/d' }] }],
    [
      'volumes: ["/media:/m:ro,z"]',
      {
        mounts: [{ kind: 'host', source: '/media', target: '/m', readOnly: true }],
      },
    ],
    [
      'volumes: [{type: bind, source: /media, target: /m}]',
      {
        mounts: [{ kind: 'host', source: '/media', readOnly: false }],
      },
    ],
    [
      'volumes: [{type: volume, source: data, target: /d, volume: {nocopy: true}}]',
      {
        mounts: [{ volume: 'data', noCopy: true }],
      },
    ],
    ['volumes: ["/etc/localtime:/etc/localtime:ro"]', { mounts: [] }],
    [
      'x-cep: {optional: true, role: worker, update: {strategy: stop-first}}',
      {
        optional: true,
        role: 'worker',
        updateOrder: 'stop-first',
      },
    ],
  ])('%s', (yaml, expected) => {
    expect(service(yaml)).toMatchObject(expected);
  });

  test.each([
    ['placement: {constraints: ["node.role == manager"]}', 'deploy/placement has no effect'],
    ['restart_policy: {condition: any, delay: 5s}', 'restart_policy/delay has no effect'],
    ['update_config: {order: stop-first, parallelism: 2}', 'update_config/parallelism has no'],
    ['mode: global', 'deploy/mode has no effect'],
  ])('deploy: {%s} is said to have no effect', (yaml, note) => {
    expect(app(`deploy: {${yaml}}`).notes).toContainEqual(expect.stringContaining(note));
  });

  test('profiles: services of one are not run', () => {
    expect(app('profiles: [debug]').services.map(({ name }) => name)).toEqual(['db']);
    expect(() => render('services: {web: {image: x, profiles: [a]}}')).toThrow('none would run');
  });

  test('internal: the network of the app reaches nothing outside', () => {
    const internal = 'networks: {default: {internal: true}}';

    expect(render(`services: {web: {image: x}}\n${internal}`).internal).toBe(true);
    expect(() => render(`services: {web: {image: x, ports: [80]}}\n${internal}`)).toThrow(
      'publishes',
    );
    expect(() =>
      render(
        'services: {web: {image: x}, db: {image: y, networks: [b]}}\nnetworks: {b: {internal: true}}',
      ),
    ).toThrow('"web" is on another that is not');
  });

  test('anchors, merge keys and the words of YAML 1.1 are what they say', () => {
    const { services } = render(`
x-base: &base { image: x, restart: no, environment: { A: on, B: yes, C: 0755, D: 1.10 } }
services:
  web: { <<: *base, hostname: web }
  db: { <<: [*base], restart: always }`);

    expect(services).toMatchObject([
      { restart: 'no', hostname: 'web', environment: { A: 'on', B: 'yes', C: '0755', D: '1.10' } },
      { restart: 'always', image: 'x' },
    ]);
  });
});

describe('what cannot be is said, with the place and a way out', () => {
  test.each([
    ['build: .', '/web may not have "build": cep runs images and builds none'],
    ['network-mode: host', '/web has no member "network-mode"; did you mean "network_mode"'],
    ['enviroment: {}', 'has no member "enviroment"; did you mean "environment"'],
    ['volumes_from: [db]', 'may not have "volumes_from"'],
    ['userns_mode: host', 'never shared'],
    ['runtime: runsc', "the engine's own runtime"],
    ['gpus: all', 'deploy/resources/reservations/devices'],
    ['init: yes', '/init must be boolean (write true or false)'],
    ['networks: [other]', '/networks names "other", which compose/networks does not declare'],
    ['networks: {front: {ipv4_address: 1.2.3.4}}', 'reach services by their names'],
    ['network_mode: "container:x"', 'may only be bridge, none, service:NAME'],
    ['network_mode: "service:gone"', 'shares with "gone", which is no service'],
    ['network_mode: "service:web"', 'shares with itself'],
    ['network_mode: none, ports: [80]', 'publishes ports'],
    ['network_mode: host, networks: [front]', 'both networks and network_mode'],
    ['pid: host', '/pid is "host", but may only be service:NAME'],
    ['security_opt: [seccomp=unconfined]', 'has "seccomp=unconfined"'],
    ['security_opt: ["no-new-privileges:false"]', 'nothing may be changed here'],
    ['labels: {traefik.enable: true}', '/labels has "traefik.enable", which speaks to'],
    ['labels: {cep.app: x}', 'has "cep.app"'],
    ['annotations: {run.oci.hooks: x}', 'may speak to the runtime'],
    ['devices: [/etc/passwd]', 'must be /dev/'],
    ['sysctls: [net.core.somaxconn]', 'must have a value'],
    ['ulimits: {nofile: lots}', '/ulimits/nofile/soft must be a whole number'],
    ['ulimits: {nofile: {soft: 2, hard: 1}}', 'soft limit above its hard one'],
    ['dns: dns.example', '/dns has "dns.example", which is none'],
    ['extra_hosts: ["a:b"]', 'must be NAME:ADDRESS'],
    ['logging: {driver: syslog}', '/logging/driver must be'],
    ['logging: {options: {tag: x}}', '/options has no member "tag"'],
    ['platform: linux/arm64', 'but the machine that runs the apps is linux/amd64'],
    ['pull_policy: build', '/pull_policy must be'],
    ['configs: [gone]', 'names "gone", which compose/configs does not have'],
    ['secrets: [{source: s, mode: 440}]', 'must be a mode such as 0440'],
    ['configs: [{source: c, target: /proc/x}]', 'no place for one'],
    ['configs: [{source: c, target: /a/../x}]', 'no place for one'],
    ['configs: [c], read_only: true', 'must be inside one of its volumes'],
    ['configs: [{source: c, target: /run/x}], tmpfs: /run', 'mounts something else'],
    ['configs: [c, c]', 'two files at /c'],
    ['env_file: none.env', 'is not beside the compose file'],
    ['env_file: ../app.env', 'not inside the folder'],
    ['volumes: ["../x:/x"]', 'not inside the folder'],
    ['volumes: ["~/x:/x"]', 'not inside the folder'],
    ['restart: always, deploy: {restart_policy: {condition: any}}', 'has both'],
    ['mem_limit: 1m, mem_reservation: 2m', 'reserves more memory than its limit'],
  ])('%s', (yaml, words) => {
    expect(() => service(yaml)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words) }),
    );
  });

  test.each([
    ['include: [x.yaml]', 'compose may not have "include"'],
    ['volumes: {data: {external: true}}', 'volumes belong to one app'],
    ['volumes: {data: {driver_opts: {o: bind, device: /}}}', 'can mount any path'],
    ['networks: {a: {driver: macvlan}}', '/networks/a/driver must be'],
    ['networks: {a: {ipam: {}}}', 'the engine chooses addresses'],
    ['secrets: {s: {external: true}}', 'may not have "external"'],
    ['secrets: {s: {content: a, file: b}}', '/services'],
    ['servicse: {}', 'has no member "servicse"; did you mean "services"'],
  ])('%s', (yaml, words) => {
    const use = 'services: {web: {image: x, secrets: [s]}}';
    const message = words === '/services' ? 'must have one of content' : words;
    expect(() =>
      render(`${words === '/services' ? use : 'services: {web: {image: x}}'}\n${yaml}`),
    ).toThrow(message);
  });
});

describe('whatever comes', () => {
  const lookup = (name: string) => ({ A: 'a', EMPTY: '' })[name];
  const allowed = (act: () => unknown): boolean => {
    try {
      act();
      return true;
    } catch (error) {
      return (error as { code?: string }).code === 'invalid-request';
    }
  };

  test('as YAML with anchors, tags and nesting is read or refused, and soon', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '&a ',
      '*a',
      '<<: ',
      '*a\n',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      ',',
      ': ',
      '!!js ',
      '"',
      "'",
      '|\n',
      '>\n',
      '---\n',
      '%YAML 1.1\n',
      '? ',
      '# x',
      '\t',
      '0755',
      'no',
      'on',
      '~',
    );
    const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    const result = fc.check(
      fc.property(text, (yaml) =>
        allowed(() => normalise(readYaml(yaml, 'it'), { lookup, fixed: () => false })),
      ),
      { numRuns: 2000, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true },
    );

    expect(result).toMatchObject({ failed: false });
  });

  test('as a variable is replaced or refused', () => {
    const piece = fc.constantFrom(
      '$',
      '$$',
      '{',
      '}',
      '${A',
      '${EMPTY',
      ':-',
      '-',
      ':?',
      '?',
      ':+',
      '+',
      'A',
      '$A',
      '${A:-${',
      ' ',
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    const result = fc.check(
      fc.property(text, (value) => allowed(() => interpolate(value, lookup))),
      { numRuns: 3000 },
    );

    expect(result).toMatchObject({ failed: false });
  });

  test.each([
    ['of aliases', `a: &a [x]\nb: [${Array(200).fill('*a').join(',')}]`, 'too many aliases'],
    [
      'of aliases of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]`,
      '',
    ],
    ['of depth', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'nested too deeply'],
    ['of size', `a: "${'x'.repeat(1024 * 1024)}"`, 'larger than 1 MiB'],
    ['of keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'), 'too many values'],
  ])('as a bomb %s is refused', (_, yaml, words) => {
    expect(() => interpolateTree(readYaml(yaml, 'it'), lookup)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining(words) }),
    );
  });
});
