import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '@cep/contracts/bundle';
import * as contract from '@cep/contracts/hosts';
import { createNetwork } from '@cep/contracts/networks';
import { renderConfig } from '@cep/nebula/config';
import { EVERYTHING } from '@cep/nebula/firewall';
import { privateKeyPem } from '@cep/nebula/key-pem';
import { eventually } from '@cep/testing/eventually';
import { createLab, type Lab } from '@cep/testing/lab';
import type { LabHost } from '@cep/testing/lab-host';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createWorld, lighthouse, ordinary, user, type World } from '../world.fixture.ts';

const alice = user('alice');

requires('postgres', 'nebula')('what real nebula makes of bundles', () => {
  let world: World;
  const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  beforeAll(async () => {
    world = await createWorld();
  });
  beforeEach(async () => {
    await world.clear();
    await world.call(alice, createNetwork, { body: { name: 'home', cidr: '10.42.0.0/16' } });
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };

  /** What `cep host create` and then `cep host connect` do. */
  async function connect(body: ReturnType<typeof ordinary>, version: NebulaVersion) {
    const params = { network: 'home' };
    const { host, enrolment } = await world.call(alice, contract.createHost, { params, body });
    const { bundle, keys } = await world.enrol('home', host, enrolment.code);
    const options = { privateKey: privateKeyPem('host', keys), nebulaVersion: `${version}.0` };
    const config = write(`${body.name}.yml`, renderConfig(settings(bundle), options));
    return { bundle, config };
  }

  test.each(nebulaVersions)('nebula %s accepts certificate and configuration', async (version) => {
    const { nebula, nebulaCert } = nebulaPrograms(version);
    for (const body of [lighthouse('cloud'), ordinary('laptop')]) {
      const { bundle, config } = await connect(body, version);
      const ca = write('ca.crt', bundle.authorities);
      const certificate = write('host.crt', bundle.certificate);

      execFileSync(nebulaCert, ['verify', '-ca', ca, '-crt', certificate]);
      execFileSync(nebula, ['-test', '-config', config]);
    }
  });

  requires('namespaces')('in a lab', () => {
    let lab: Lab<'cloud' | 'laptop' | 'thief'>;
    beforeAll(async () => {
      lab = await createLab({ hosts: ['cloud', 'laptop', 'thief'] });
    });
    afterAll(() => lab.close());

    test('hosts that enrolled reach each other, and one that was deleted is shut out', async () => {
      const { cloud, laptop, thief } = lab.hosts;
      const start = (host: LabHost, { config }: { config: string }) =>
        host.spawn(nebulaPrograms('1.6').nebula, ['-config', config], { stdio: 'ignore' });
      const reaches = async (host: LabHost, { bundle }: { bundle: Bundle }) => {
        const address = bundle.host.address.replace(/\/.*/, '');
        return (await host.exec('ping', ['-c', '1', '-W', '1', address])).code === 0;
      };

      const theCloud = await connect(lighthouse('cloud', cloud.address), '1.6');
      const stolen = await connect(ordinary('thief'), '1.6');
      start(cloud, theCloud);
      start(thief, stolen);
      await eventually(async () => expect(await reaches(thief, theCloud)).toBe(true));
      const params = { network: 'home', host: 'thief' };
      await world.call(alice, contract.deleteHost, { params });
      const theLaptop = await connect(ordinary('laptop'), '1.6');
      start(laptop, theLaptop);

      await eventually(async () => expect(await reaches(laptop, theCloud)).toBe(true));
      expect(await reaches(cloud, theLaptop)).toBe(true);
      expect(await reaches(thief, theLaptop)).toBe(false);
    }, 30_000);
  });
});

const settings = ({ host, ...bundle }: Bundle) => ({
  authorities: [bundle.authorities],
  certificate: bundle.certificate,
  blocklist: bundle.blocklist,
  amLighthouse: host.lighthouse,
  amRelay: host.relay,
  lighthouses: host.lighthouse ? [] : bundle.lighthouses.map(({ address }) => address),
  relays: [],
  staticHosts: Object.fromEntries(
    bundle.lighthouses.map(({ address, endpoints }) => [address, endpoints]),
  ),
  listen: { host: '::' as const, port: host.port ?? 0 },
  device: `nebula-${host.name}`,
  ...{ inbound: EVERYTHING, outbound: EVERYTHING },
});
