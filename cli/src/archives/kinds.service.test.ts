/** Archives for networks of IPv6 and of P-256, which stock nebula runs. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Curve } from '@cep/nebula/details';
import { eventually } from '@cep/testing/eventually';
import { createLab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { expect, jest, test } from '@jest/globals';
import { CODE, controlPlane } from '../agent/control-plane.fixture.ts';
import { fingerprintOf } from '../certificate.ts';
import { labMachine } from '../machine.fixture.ts';
import { startServer } from '../server.fixture.ts';

// Each command is a process of its own.
jest.setTimeout(60_000);

const LIGHT = '10.78.0.1';
const LIGHT6 = 'fd00:78::1';
const ipv6 = { prefix6: 'fd00:78::' };
const p256 = { curve: 'p256' } as const;
const stated = ['--nebula-version', '1.11.0'];

interface Wish {
  readonly network: { readonly prefix6?: string; readonly curve?: Curve };
  /** Of `cep host bundle`. */
  readonly flags?: readonly string[];
  /** That runs it. */
  readonly version: NebulaVersion;
}

requires('nebula', 'namespaces')('an archive', () => {
  /** Makes and runs it, until it reaches another host. @returns whether it does by IPv6, too */
  async function hasIpv6({ network, flags = [], version }: Wish): Promise<boolean> {
    const folder = mkdtempSync(join(tmpdir(), 'cep-archives-'));
    const lab = await createLab({ hosts: ['light', 'phone'] });
    const light = labMachine(lab.hosts.light, nebulaPrograms('1.11').nebula);
    const port = randomInt(20_000, 60_000);
    const endpoint = `${lab.hosts.light.address}:${port}`;
    const plane = controlPlane({ network: 'home', prefix: '10.78.0', port, endpoint, ...network });
    const server = await startServer(plane.mount, { host: lab.gateway });
    const pin = fingerprintOf(server.certificate);
    const where = ['--server', server.url.origin, '--pin', pin, '--code', CODE];
    const { exec, spawn } = lab.hosts.phone;
    const pings = async (to: string) => (await exec('ping', ['-c1', '-W1', to])).code === 0;
    try {
      await light.connect('home', 'light', ...where);
      const file = join(folder, 'phone.tar.gz');
      const made = await light.cep(
        'host',
        'bundle',
        'home',
        'phone',
        '-o',
        file,
        ...where,
        ...flags,
      );
      expect(made).toMatchObject({ code: 0 });
      await exec('tar', ['xzf', file, '-C', folder, '--strip-components=1']);
      const { nebula } = nebulaPrograms(version);
      spawn(nebula, ['-config', 'config.yml'], { cwd: folder, stdio: 'ignore' });
      await eventually(async () => expect(await pings(LIGHT)).toBe(true), { within: 20_000 });
      return await pings(LIGHT6);
    } finally {
      await light.disconnect();
      await server[Symbol.asyncDispose]();
      await lab.close();
      rmSync(folder, { recursive: true });
    }
  }

  test('has IPv6 for a nebula that is said to read it', async () => {
    expect(await hasIpv6({ network: ipv6, flags: stated, version: '1.11' })).toBe(true);
  });

  test.each(nebulaVersions)('has IPv4 alone where nothing is said, as for %s', async (version) => {
    expect(await hasIpv6({ network: ipv6, version })).toBe(false);
  });

  test.each(['1.9', '1.11'] as const)('of P-256 runs with nebula %s', async (version) => {
    expect(await hasIpv6({ network: p256, version })).toBe(false);
  });

  test('of P-256 has IPv6, too', async () => {
    const network = { ...ipv6, ...p256 };
    expect(await hasIpv6({ network, flags: stated, version: '1.11' })).toBe(true);
  });
});
