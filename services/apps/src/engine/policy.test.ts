import { describe, expect, test } from '@jest/globals';
import type { RenderedApp, Service } from '../compose/model.ts';
import { networkLabels, volumeLabels } from './labels.ts';
import { containerPayload, healthDeadline } from './payload.ts';
import { judgeContainer, judgeNetwork, judgeVolume, type Rule } from './policy.ts';

const service: Service = {
  name: 'web',
  image: 'nginx:1',
  entrypoint: null,
  command: ['nginx'],
  environment: { TOKEN: 'x' },
  mounts: [
    { kind: 'volume', volume: 'data', target: '/data', readOnly: false },
    { kind: 'tmpfs', target: '/tmp', sizeBytes: 1024 },
  ],
  ports: [],
  dependsOn: [],
  healthcheck: {
    test: ['CMD', 'true'],
    interval: 5_000,
    timeout: 1_000,
    startPeriod: 0,
    retries: 3,
  },
  restart: 'unless-stopped',
  user: null,
  workingDir: null,
  hostname: null,
  aliases: [],
  init: false,
  readOnly: false,
  capAdd: [],
  shmSizeBytes: null,
  stopGraceSeconds: 10,
  stopSignal: null,
  memoryBytes: null,
  cpus: null,
  pids: null,
};

const app = { id: '1f3a9c2b-0000-4000-8000-000000000000', name: 'web', generation: 1 };
const owner = { instance: 'aaaa', projectId: 'bbbb' };
const network = 'cep-web-1f3a9c2b';
const data = `${network}-data`;
const scope = { instance: 'aaaa', appId: app.id, network, volumes: [data], address: '10.42.0.2' };
const place = {
  app,
  owner,
  bindings: [
    { service: 'web', target: 80, protocol: 'tcp' as const, address: '10.42.0.2', port: 8080 },
  ],
};
const payload = (changed: Partial<Service> = {}, startInterval = true) =>
  containerPayload(place, { ...service, ...changed }, startInterval);

const host = (members: object) => {
  const good = payload();
  return { ...good, HostConfig: { ...good.HostConfig, ...members } };
};
const top = (members: object) => ({ ...payload(), ...members });
const mount = (members: object) =>
  host({ Mounts: [{ Type: 'volume', Source: data, Target: '/d', ...members }] });
const tmpfs = (members: object) =>
  host({ Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1 }, ...members }] });
const port = (HostIp: unknown, HostPort: unknown, name = '80/tcp') =>
  host({ PortBindings: { [name]: [{ HostIp, HostPort }] } });
const labels = (members: object) => top({ Labels: { ...payload().Labels, ...members } });

describe('the policy', () => {
  test.each<[string, Partial<Service>]>([
    ['a plain service', {}],
    ['limits', { memoryBytes: 2 ** 28, cpus: 1.5, pids: 100, shmSizeBytes: 2 ** 26 }],
    ['a capability of Docker’s own set', { capAdd: ['NET_RAW'] }],
    [
      'everything else a service may say',
      {
        entrypoint: ['sh'],
        user: '1000',
        workingDir: '/srv',
        hostname: 'web',
        stopSignal: 'SIGINT',
        init: true,
        readOnly: true,
      },
    ],
  ])('allows %s', (_what, changed) => {
    expect(judgeContainer(payload(changed), scope)).toBeUndefined();
    expect(judgeContainer(payload(changed, false), scope)).toBeUndefined();
  });

  test.each<[string, unknown, Rule]>([
    ['a privileged container', host({ Privileged: true }), 'unknown-member'],
    ['privileged, even when false', host({ Privileged: false }), 'unknown-member'],
    ['bind mounts by Binds', host({ Binds: ['/:/host'] }), 'unknown-member'],
    ['the socket by Binds', host({ Binds: ['/var/run/docker.sock:/s'] }), 'unknown-member'],
    ['tmpfs without a cap', host({ Tmpfs: { '/run': '' } }), 'unknown-member'],
    ['volumes of another container', host({ VolumesFrom: ['other'] }), 'unknown-member'],
    ['a volume driver', host({ VolumeDriver: 'nfs' }), 'unknown-member'],
    ['devices', host({ Devices: [{ PathOnHost: '/dev/sda' }] }), 'unknown-member'],
    ['device cgroup rules', host({ DeviceCgroupRules: ['a *:* rwm'] }), 'unknown-member'],
    ['device requests', host({ DeviceRequests: [{ Count: -1 }] }), 'unknown-member'],
    ['the PIDs of the host', host({ PidMode: 'host' }), 'unknown-member'],
    ['the PIDs of another', host({ PidMode: 'container:abc' }), 'unknown-member'],
    ['the IPC of the host', host({ IpcMode: 'host' }), 'unknown-member'],
    ['the UTS of the host', host({ UTSMode: 'host' }), 'unknown-member'],
    ['the users of the host', host({ UsernsMode: 'host' }), 'unknown-member'],
    ['the cgroups of the host', host({ CgroupnsMode: 'host' }), 'unknown-member'],
    ['a parent cgroup', host({ CgroupParent: '/' }), 'unknown-member'],
    ['another runtime', host({ Runtime: 'other' }), 'unknown-member'],
    ['sysctls', host({ Sysctls: { 'kernel.core_pattern': '|/x' } }), 'unknown-member'],
    ['unmasked paths', host({ MaskedPaths: [] }), 'unknown-member'],
    ['writable read-only paths', host({ ReadonlyPaths: [] }), 'unknown-member'],
    ['extra hosts', host({ ExtraHosts: ['host:host-gateway'] }), 'unknown-member'],
    ['links', host({ Links: ['other:x'] }), 'unknown-member'],
    ['DNS servers', host({ Dns: ['10.0.0.1'] }), 'unknown-member'],
    ['immunity from running out of memory', host({ OomKillDisable: true }), 'unknown-member'],
    ['a better OOM score', host({ OomScoreAdj: -1000 }), 'unknown-member'],
    ['all ports at once', host({ PublishAllPorts: true }), 'unknown-member'],
    ['storage options', host({ StorageOpt: { size: '1T' } }), 'unknown-member'],
    ['ulimits', host({ Ulimits: [{ Name: 'nofile', Hard: -1 }] }), 'unknown-member'],
    ['group additions', host({ GroupAdd: ['docker'] }), 'unknown-member'],
    ['a file for the container id', host({ ContainerIDFile: '/etc/x' }), 'unknown-member'],
    ['automatic removal', host({ AutoRemove: true }), 'unknown-member'],
    ['a member that engines will only know later', host({ Annotations: {} }), 'unknown-member'],
    ['anonymous volumes', top({ Volumes: { '/x': {} } }), 'unknown-member'],
    ['a domain name', top({ Domainname: 'x' }), 'unknown-member'],
    ['a fixed MAC address', top({ MacAddress: '02:42:ac:11:00:02' }), 'unknown-member'],
    ['an inherited name', top(JSON.parse('{"__proto__": {"x": 1}}')), 'unknown-member'],
    ['the host’s network', host({ NetworkMode: 'host' }), 'network'],
    ['another container’s network', host({ NetworkMode: 'container:abc' }), 'network'],
    ['the default bridge', host({ NetworkMode: 'bridge' }), 'network'],
    ['no word on the network', host({ NetworkMode: undefined }), 'missing-member'],
    ['a second network', top({ NetworkingConfig: { EndpointsConfig: { other: {} } } }), 'network'],
    [
      'a fixed address',
      top({ NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: {} } } } }),
      'unknown-member',
    ],
    ['a bind mount', mount({ Type: 'bind', Source: '/' }), 'mounts'],
    ['a named pipe', mount({ Type: 'npipe' }), 'mounts'],
    ['a volume of another app', mount({ Source: 'cep-other-data' }), 'mounts'],
    ['a path in place of a volume', mount({ Source: '/etc' }), 'mounts'],
    [
      'a volume with driver options',
      mount({ VolumeOptions: { DriverConfig: { Options: { device: '/' } } } }),
      'unknown-member',
    ],
    ['propagation', mount({ BindOptions: { Propagation: 'shared' } }), 'unknown-member'],
    ['a mount over /proc', mount({ Target: '/proc/sys' }), 'mounts'],
    ['a mount over /dev', mount({ Target: '/dev' }), 'mounts'],
    ['a mount over /sys, spelt otherwise', mount({ Target: '//sys/fs' }), 'mounts'],
    ['a mount that climbs', mount({ Target: '/a/../proc' }), 'mounts'],
    ['a relative mount', mount({ Target: 'data' }), 'mounts'],
    ['an endless tmpfs', tmpfs({ TmpfsOptions: {} }), 'missing-member'],
    ['a huge tmpfs', tmpfs({ TmpfsOptions: { SizeBytes: 2 ** 40 } }), 'limits'],
    ['a tmpfs mode', tmpfs({ TmpfsOptions: { SizeBytes: 1, Mode: 0o4777 } }), 'unknown-member'],
    ['a port on all interfaces', port('0.0.0.0', '8080'), 'ports'],
    ['a port on no interface, which is all', port('', '8080'), 'ports'],
    ['a port on all of IPv6', port('::', '8080'), 'ports'],
    ['a port on another address of the machine', port('192.0.2.1', '8080'), 'ports'],
    ['a privileged port', port('10.42.0.2', '53'), 'ports'],
    ['a range of ports', port('10.42.0.2', '8000-9000'), 'ports'],
    ['any port', port('10.42.0.2', ''), 'ports'],
    ['a number for a port', port('10.42.0.2', 8080), 'ports'],
    ['a port of another protocol', port('10.42.0.2', '8080', '80/sctp'), 'ports'],
    ['the capability to rule the machine', host({ CapAdd: ['SYS_ADMIN'] }), 'capabilities'],
    ['all capabilities', host({ CapAdd: ['ALL'] }), 'capabilities'],
    ['a capability in another spelling', host({ CapAdd: ['cap_net_admin'] }), 'capabilities'],
    ['keeping capabilities', host({ CapDrop: [] }), 'capabilities'],
    ['no word on capabilities', host({ CapDrop: undefined }), 'missing-member'],
    [
      'no seccomp',
      host({ SecurityOpt: ['no-new-privileges:true', 'seccomp=unconfined'] }),
      'privileges',
    ],
    ['no AppArmor', host({ SecurityOpt: ['apparmor:unconfined'] }), 'privileges'],
    ['no labels', host({ SecurityOpt: ['label=disable'] }), 'privileges'],
    ['new privileges', host({ SecurityOpt: [] }), 'privileges'],
    ['text for a list of options', host({ SecurityOpt: 'no-new-privileges:true' }), 'privileges'],
    ['endless processes', host({ PidsLimit: -1 }), 'limits'],
    ['no word on processes', host({ PidsLimit: undefined }), 'missing-member'],
    ['endless memory', host({ Memory: 0 }), 'limits'],
    ['logs to elsewhere', host({ LogConfig: { Type: 'syslog', Config: {} } }), 'logging'],
    ['logs without end', host({ LogConfig: { Type: 'json-file', Config: {} } }), 'missing-member'],
    [
      'log options',
      host({
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1', tag: 'x' } },
      }),
      'unknown-member',
    ],
    ['another app’s label', labels({ 'cep.app': 'other' }), 'labels'],
    ['another installation’s label', labels({ 'cep.instance': 'other' }), 'labels'],
    ['a label for a proxy', labels({ 'traefik.enable': 'true' }), 'labels'],
    ['a label for swarm', labels({ 'com.docker.swarm.service.id': 'x' }), 'labels'],
    ['no labels of ours', top({ Labels: {} }), 'labels'],
    ['an image with a scheme', top({ Image: 'https://example.com/x y' }), 'image'],
    ['an image that is an option', top({ Image: '--privileged' }), 'image'],
    ['no image', top({ Image: undefined }), 'missing-member'],
    ['an environment entry without a name', top({ Env: ['=x'] }), 'wrong-type'],
    ['a command that is no list', top({ Cmd: 'rm -rf /' }), 'wrong-type'],
    ['a payload that is a list', [], 'wrong-type'],
    ['no payload', null, 'wrong-type'],
  ])('refuses %s', (_what, asked, rule) => {
    expect(judgeContainer(asked, scope)?.rule).toBe(rule);
  });

  const bridge = { 'com.docker.network.bridge.name': 'cep-1f3a9c2b' };
  const goodNetwork = {
    ...{ Name: network, Driver: 'bridge', Options: bridge },
    Labels: networkLabels(app, owner),
  };
  const goodVolume = { Name: data, Driver: 'local', Labels: volumeLabels(app, owner, 'data') };

  test('allows the network and the volumes of the app', () => {
    expect(judgeNetwork(goodNetwork, scope)).toBeUndefined();
    expect(judgeVolume(goodVolume, scope)).toBeUndefined();
  });

  test.each<[string, object, Rule]>([
    ['a network of another driver', { ...goodNetwork, Driver: 'macvlan' }, 'driver'],
    ['a network of another name', { ...goodNetwork, Name: 'bridge' }, 'network'],
    ['network options', { ...goodNetwork, Options: { parent: 'eth0' } }, 'unknown-member'],
    [
      'the bridge of another app',
      { ...goodNetwork, Options: { 'com.docker.network.bridge.name': 'docker0' } },
      'driver',
    ],
    ['an address plan', { ...goodNetwork, IPAM: {} }, 'unknown-member'],
  ])('refuses %s', (_what, asked, rule) => {
    expect(judgeNetwork(asked, scope)?.rule).toBe(rule);
  });

  test.each<[string, object, Rule]>([
    [
      'a volume that is a bind mount in disguise',
      { ...goodVolume, DriverOpts: { o: 'bind', device: '/etc' } },
      'unknown-member',
    ],
    ['a volume of another driver', { ...goodVolume, Driver: 'nfs' }, 'driver'],
    ['a volume of another app', { ...goodVolume, Name: 'x' }, 'mounts'],
  ])('refuses %s', (_what, asked, rule) => {
    expect(judgeVolume(asked, scope)?.rule).toBe(rule);
  });
});

describe('the payload', () => {
  const spec = (changed: Partial<Service> = {}, fast = true) =>
    payload(changed, fast).Labels['cep.spec'];

  test('has another spec when it would be another container, and only then', () => {
    expect(spec()).toBe(spec({}, false));
    expect(spec({ dependsOn: [{ service: 'db', condition: 'started' }] })).toBe(spec());
    expect(spec({ command: ['other'] })).not.toBe(spec());
    expect(spec({ environment: { TOKEN: 'y' } })).not.toBe(spec());
  });

  test('probes fast while a container starts, where the engine can', () => {
    expect(payload().Healthcheck).toMatchObject({ StartPeriod: 15e9, StartInterval: 0.5e9 });
    expect(payload({}, false).Healthcheck).not.toHaveProperty('StartInterval');
    const check = service.healthcheck as NonNullable<RenderedApp['services'][0]['healthcheck']>;
    expect(healthDeadline(check)).toBe(18_000);
  });
});
