/** The rules beside the real programs: what a rule refuses does break that version, and no other. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { certificatePem } from './certificates.ts';
import { renderConfig } from './config.ts';
import type { Curve } from './details.ts';
import { EVERYTHING } from './firewall.ts';
import type { HostSettings } from './host-settings.ts';
import { issueCa, issueHost } from './issue.ts';
import { privateKeyPem } from './key-pem.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';
import { type Combination, lint } from './lint.ts';

const run = promisify(execFile);
const now = Math.floor(Date.now() / 1000);
const validity = { notBefore: now - 60, notAfter: now + 3_600 };
const ranges = ['10.42.0.0/16', 'fd00:42::/64'];
const FULL: Record<NebulaVersion, string> = { '1.6': '1.6.1', '1.9': '1.9.3', '1.11': '1.11.0' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cep-lint-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file as the newest nebula would have it, with both versions of certificates or with one. */
function configOf(curve: Curve, { second, lighthouse }: { second: boolean; lighthouse: boolean }) {
  const caKeys = generateCaKeys(curve);
  const keys = generateHostKeys(curve);
  const issue = (version: 1 | 2, own: readonly string[], networks: readonly string[]) => {
    const authority = issueCa({ version, name: 'home', networks: own, ...validity }, caKeys);
    const request = { name: 'web-1', networks, publicKey: keys.publicKey, ...validity };
    return [authority.certificate, issueHost(authority, request)].map(certificatePem);
  };
  const [ca = '', certificate = ''] = issue(1, ranges.slice(0, 1), ['10.42.0.7/16']);
  const [ca2 = '', certificateV2] = issue(2, ranges, ['10.42.0.7/16', 'fd00:42::7/64']);
  const settings: HostSettings = {
    ...{ authorities: second ? [ca, ca2] : [ca], certificate },
    ...(second && { certificateV2 }),
    ...{ blocklist: [], amLighthouse: lighthouse, amRelay: false, lighthouses: [], relays: [] },
    ...{ staticHosts: {}, listen: { host: '0.0.0.0', port: 4242 }, device: 'nebula-home' },
    ...{ inbound: EVERYTHING, outbound: EVERYTHING },
  };
  const privateKey = privateKeyPem('host', keys);
  return renderConfig(settings, { privateKey, nebulaVersion: '1.11.0' });
}

async function starts(version: NebulaVersion, config: string): Promise<boolean> {
  const path = join(folder, `${crypto.randomUUID()}.yml`);
  await writeFile(path, config, { mode: 0o600 });
  return run(nebulaPrograms(version).nebula, ['-test', '-config', path]).then(
    () => true,
    () => false,
  );
}

const host = {
  ...{ name: 'web-1', groups: [], lighthouse: false, relay: false, interface: true, port: 4242 },
};
const one: Combination['network'] = {
  certificateVersion: 1,
  curve: 'curve25519',
  ranges: ['10.42.0.0/16'],
};
const two: Combination['network'] = { ...one, certificateVersion: 2, ranges };
const plain = { second: false, lighthouse: false };

requires('nebula')('nebula breaks where the rules say so', () => {
  test.each<[string, Combination, () => string]>([
    ['version 1 alone', { network: one, host, given: [1] }, () => configOf('curve25519', plain)],
    [
      'both versions',
      { network: two, host, given: [1, 2] },
      () => configOf('curve25519', { ...plain, second: true }),
    ],
    [
      'P-256',
      { network: { ...one, curve: 'p256' }, host, given: [1] },
      () => configOf('p256', plain),
    ],
    [
      'P-256 in both versions',
      { network: { ...two, curve: 'p256' }, host, given: [1, 2] },
      () => configOf('p256', { ...plain, second: true }),
    ],
    [
      'a lighthouse on a random port',
      { network: one, host: { ...host, lighthouse: true, port: 0 }, given: [1] },
      () => configOf('curve25519', { ...plain, lighthouse: true }).replace('port: 4242', 'port: 0'),
    ],
  ])('%s', async (_, combination, make) => {
    for (const version of nebulaVersions) {
      const findings = lint({ ...combination, nebulaVersion: FULL[version] });

      expect([version, await starts(version, make())]).toEqual([version, findings.length === 0]);
    }
  });
});
