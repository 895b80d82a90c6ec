import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { testDocker } from '@cep/testing/docker';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { guard, guardApps, unguard } from './guard.ts';

jest.setTimeout(60_000);

const ip = (...args: string[]) => promisify(execFile)('ip', args);
const iptables = (...args: string[]) =>
  promisify(execFile)('/usr/sbin/iptables', ['--wait', '--table', 'mangle', ...args]);

/** As clouds have it. */
const METADATA = '169.254.169.254';

/** Where an app's container is, on a bridge named as apps' are; no real overlay nor rig has these. */
const APP = { bridge: 'cep-guarded', subnet: '10.213.7.0/24', address: '10.213.7.9' };
const OVERLAY = { device: 'nebula-guard', address: '10.214.7.1', peer: '10.214.7.2' };

requires('docker', 'namespaces')('the guard', () => {
  const { docker, namespace, label, close } = testDocker();
  let lab: Lab<'neighbour' | 'peer'>;

  beforeAll(async () => {
    lab = await createLab({ hosts: ['neighbour', 'peer'] });
    const { neighbour, peer } = lab.hosts;
    await neighbour.exec('ip', ['route', 'add', APP.subnet, 'via', lab.gateway]);
    await neighbour.exec('ip', ['addr', 'add', `${METADATA}/32`, 'dev', 'lo']);
    neighbour.spawn('python3', ['-m', 'http.server', '8000'], { stdio: 'ignore' });
    await ip('route', 'add', METADATA, 'via', neighbour.address);
    await ip(
      'link',
      'add',
      OVERLAY.device,
      'type',
      'veth',
      'peer',
      'tun0',
      'netns',
      peer.namespace,
    );
    await ip('addr', 'add', `${OVERLAY.address}/24`, 'dev', OVERLAY.device);
    await ip('link', 'set', OVERLAY.device, 'up');
    await peer.exec('ip', ['addr', 'add', `${OVERLAY.peer}/24`, 'dev', 'tun0']);
    await peer.exec('ip', ['link', 'set', 'tun0', 'up']);
    peer.spawn('python3', ['-m', 'http.server', '8000'], { stdio: 'ignore' });
    await startApp();
  });
  afterAll(async () => {
    await unguard(OVERLAY);
    await ip('link', 'delete', OVERLAY.device);
    await ip('route', 'delete', METADATA);
    await lab.close();
    await close();
  });

  /** Its one port is published for peers on the overlay alone. */
  async function startApp(): Promise<void> {
    const pulled = await docker.pull('python:3');
    await new Promise((resolve) => docker.modem.followProgress(pulled, resolve));
    const network = await docker.createNetwork({
      Name: namespace,
      Labels: { ...label },
      Options: { 'com.docker.network.bridge.name': APP.bridge },
      IPAM: { Config: [{ Subnet: APP.subnet }] },
    });
    const container = await docker.createContainer({
      name: namespace,
      Image: 'python:3',
      Cmd: ['python3', '-m', 'http.server', '80'],
      Labels: { ...label },
      ExposedPorts: { '80/tcp': {} },
      HostConfig: {
        NetworkMode: network.id,
        PortBindings: { '80/tcp': [{ HostIp: OVERLAY.address, HostPort: '8080' }] },
      },
      NetworkingConfig: {
        EndpointsConfig: { [namespace]: { IPAMConfig: { IPv4Address: APP.address } } },
      },
    });
    await container.start();
  }

  const fetches = (url: string) => [
    '-c',
    `import urllib.request as u; print(u.urlopen('${url}', timeout=2).status)`,
  ];
  const reachedBy = async (host: 'neighbour' | 'peer', url: string) =>
    (await lab.hosts[host].exec('python3', fetches(url))).code === 0;
  async function appReaches(url: string): Promise<boolean> {
    const exec = await docker
      .getContainer(namespace)
      .exec({ Cmd: ['python3', ...fetches(url)], AttachStdout: true });
    const output = await exec.start({});
    await once(output.resume(), 'end');
    return (await exec.inspect()).ExitCode === 0;
  }

  test('lets an app be reached by its published port only, and reach no overlay and no secrets of its machine', async () => {
    const published = `http://${OVERLAY.address}:8080`;
    const peer = `http://${OVERLAY.peer}:8000`;
    const metadata = `http://${METADATA}:8000`;
    await eventually(async () => {
      // The guard of apps stays where it once was, and whoever ran cep here had it put up.
      await iptables('--flush', 'cep-metadata').catch(() => {});
      expect(await reachedBy('peer', published)).toBe(true);
      expect(await appReaches(peer)).toBe(true);
      expect(await appReaches(metadata)).toBe(true);
    });

    await guard(OVERLAY);
    await guardApps();
    await guardApps();

    expect(await reachedBy('peer', published)).toBe(true);
    expect(await reachedBy('neighbour', `http://${APP.address}`)).toBe(false);
    expect(await appReaches(peer)).toBe(false);
    expect(await appReaches(metadata)).toBe(false);

    await unguard(OVERLAY);
    expect(await appReaches(peer)).toBe(true);
    expect(await reachedBy('neighbour', `http://${APP.address}`)).toBe(false);
  });
});
