/** A network of IPv4 and IPv6, from its creation to a revocation; one host's nebula is before IPv6. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHost, revokeHost } from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { setPolicy } from '@cep/contracts/policies';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import { nebulaPrograms } from '@cep/testing/nebula';
import { startPing } from '@cep/testing/ping';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { becomeHost, type Cloud, type Joined, startCloud } from './cloud.fixture.ts';

// Each host is a process that is started, and there are five.
jest.setTimeout(90_000);

/** The lighthouse comes first; it relays between `new` and `far`, which have no other way. */
const VERSIONS = { light: '1.11', new: '1.11', other: '1.11', far: '1.11', old: '1.9' } as const;
type Name = keyof typeof VERSIONS;
const names = Object.keys(VERSIONS) as Name[];
const network = 'home';
/** Whether it ends at all: how soon is measured by bench/revocation. */
const CUT_MS = 3_000;

requires(
  'postgres',
  'nebula',
  'namespaces',
)('a network with IPv6', () => {
  const hosts = {} as Record<Name, Joined>;
  let folder: string;
  let lab: Lab<Name>;
  let cloud: Cloud;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cep-ipv6-'));
    lab = await createLab({ hosts: names });
    await separate('new', 'far');
    cloud = await startCloud(lab.gateway, folder);
    const body = { name: network, cidr6: 'fd00:42::/64', certificateVersion: 2 } as const;
    await cloud.client.call(createNetwork, { body });
    for (const name of names) {
      const { nebula } = nebulaPrograms(VERSIONS[name]);
      const role = name === 'light' ? { port: 4242, relay: true } : {};
      hosts[name] = await becomeHost(cloud, lab.hosts[name], { network, name, nebula, ...role });
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(hosts).map((each) => each.leave()));
    await cloud.stop();
    await lab.close();
    await rm(folder, { recursive: true });
  });

  async function separate(...[one, other]: [Name, Name]): Promise<void> {
    for (const [from, to] of [[one, other] as const, [other, one] as const])
      await lab.hosts[from].exec('ip', ['route', 'add', 'blackhole', lab.hosts[to].address]);
  }
  const six = (name: Name) => hosts[name].address6 ?? '';
  const pings = async (from: Name, to: string) =>
    (await lab.hosts[from].exec('ping', ['-c1', '-W1', to])).code === 0;
  const reaches = (from: Name, to: string, expected = true) =>
    eventually(
      async () => expect([from, to, await pings(from, to)]).toEqual([from, to, expected]),
      { within: 20_000 },
    );
  const allow = (...rules: { from: string[]; to: string[]; allow: string[] }[]) =>
    cloud.client.call(setPolicy, { params: { network }, body: { rules, tests: [] } });

  test('hosts that read version 2 are certified by both, and the others by the first', async () => {
    for (const name of names) {
      const host = await cloud.client.call(getHost, { params: { network, host: name } });
      const versions = name === 'old' ? [1] : [1, 2];
      expect([name, host.certificate?.versions]).toEqual([name, versions]);
    }
  });

  test('they reach each other by either family', async () => {
    for (const to of ['light', 'other'] as const) {
      await reaches('new', six(to));
      await reaches('new', hosts[to].address);
    }
    await reaches('light', six('new'));
  });

  test('one without IPv6 is reached by IPv4, and reaches so', async () => {
    await reaches('old', hosts.new.address);
    await reaches('light', hosts.old.address);
    expect(await pings('new', six('old'))).toBe(false);
  });

  test('where there is no direct way a relay leads there, by either family', async () => {
    await reaches('new', six('far'));
    await reaches('far', hosts.new.address);
  });

  test('names have the addresses of both families', async () => {
    const find = async (name: string, type: 'A' | 'AAAA') => {
      const code = `
        const resolver = new (require('node:dns').promises.Resolver)();
        resolver.setServers(['${hosts.new.address}']);
        resolver.resolve('${name}.${network}', '${type}').then((all) => console.log(all.join()));`;
      return (await lab.hosts.new.exec(process.execPath, ['-e', code])).stdout.trim();
    };

    expect(await find('other', 'AAAA')).toBe(six('other'));
    expect(await find('other', 'A')).toBe(hosts.other.address);
    expect(await find('old', 'A')).toBe(hosts.old.address);
    expect(await find('old', 'AAAA')).toBe('');
  });

  test('a policy is for both families', async () => {
    await allow({ from: ['host:new'], to: ['host:other'], allow: ['icmp'] });

    await reaches('light', six('other'), false);
    await reaches('light', hosts.other.address, false);
    await reaches('new', six('other'));

    await allow({ from: ['any'], to: ['any'], allow: ['any'] });
    await reaches('light', six('other'));
  });

  test('a revoked host is cut off in both families at once', async () => {
    const running = [
      await startPing(lab.hosts.other, six('new')),
      await startPing(lab.hosts.other, hosts.new.address),
    ];
    const began = Date.now();

    await cloud.client.call(revokeHost, { params: { network, host: 'other' } });

    for (const ping of running) expect((await ping.lastAnswer()) - began).toBeLessThan(CUT_MS);
    await reaches('new', six('light'));
  });
});
