/** The real programs read what we write, and judge it as we do. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type NebulaVersion, nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { certificatePem, fingerprint, parseCertificate } from './certificates.ts';
import { renderConfig } from './config.ts';
import type { Certificate, Curve, Version } from './details.ts';
import type { HostSettings } from './host-settings.ts';
import { type Authority, issueCa, issueHost } from './issue.ts';
import { parsePrivateKey, privateKeyPem, publicKeyPem } from './key-pem.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';
import { authorityPool, verify } from './verify.ts';

/** nebula-cert writes one object, and from 1.10 on a list; the names of members changed with it. */
interface Printed {
  readonly details: Record<string, unknown>;
  readonly fingerprint: string;
}

const run = promisify(execFile);
const now = Math.floor(Date.now() / 1000);
const validity = { notBefore: now - 60, notAfter: now + 3_600 };

const knows: Record<NebulaVersion, readonly [Version, Curve][]> = {
  '1.6': [[1, 'curve25519']],
  '1.9': [
    [1, 'curve25519'],
    [1, 'p256'],
  ],
  '1.11': [
    [1, 'curve25519'],
    [1, 'p256'],
    [2, 'curve25519'],
    [2, 'p256'],
  ],
};

const cases = nebulaVersions.flatMap((nebula) =>
  knows[nebula].map(([version, curve]) => ({ nebula, version, curve })),
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cep-nebula-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Writes a file of its own name in the test's folder. */
async function file(text: string): Promise<string> {
  const path = join(folder, crypto.randomUUID());
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

function issue(version: Version, curve: Curve) {
  const networks = version === 1 ? ['10.42.0.0/16'] : ['10.42.0.0/16', 'fd00:42::/64'];
  const authority = issueCa(
    { version, name: 'home', networks, unsafeNetworks: ['192.168.0.0/16'], ...validity },
    generateCaKeys(curve),
  );
  const keys = generateHostKeys(curve);
  const certificate = issueHost(authority, {
    name: 'web-1',
    networks: version === 1 ? ['10.42.0.7/16'] : ['10.42.0.7/16', 'fd00:42::7/64'],
    unsafeNetworks: ['192.168.9.0/24'],
    groups: ['server', 'laptop'],
    publicKey: keys.publicKey,
    ...validity,
  });
  return { authority, keys, certificate };
}

const accepts = async (program: string, authority: Certificate, certificate: Certificate) => {
  const ca = await file(certificatePem(authority));
  const crt = await file(certificatePem(certificate));
  return run(program, ['verify', '-ca', ca, '-crt', crt]).then(
    () => true,
    () => false,
  );
};

requires('nebula')('nebula', () => {
  test.each(cases)(
    '$nebula verifies version $version of $curve',
    async ({ nebula, version, curve }) => {
      const { nebulaCert } = nebulaPrograms(nebula);
      const { authority, certificate } = issue(version, curve);
      const signature = Buffer.from(certificate.signature).fill(7, 40);

      expect(await accepts(nebulaCert, authority.certificate, certificate)).toBe(true);
      expect(await accepts(nebulaCert, authority.certificate, { ...certificate, signature })).toBe(
        false,
      );
      expect(
        await accepts(nebulaCert, issue(version, curve).authority.certificate, certificate),
      ).toBe(false);
    },
  );

  test.each(cases)('$nebula prints version $version of $curve as it was issued', async (each) => {
    const { nebulaCert } = nebulaPrograms(each.nebula);
    const { certificate } = issue(each.version, each.curve);
    const path = await file(certificatePem(certificate));

    const { stdout } = await run(nebulaCert, ['print', '-json', '-path', path]);

    const printed: Printed = [JSON.parse(stdout)].flat()[0];
    const { details } = printed;
    expect(printed.fingerprint).toBe(fingerprint(certificate));
    expect(details).toMatchObject({ name: 'web-1', groups: ['server', 'laptop'], isCa: false });
    expect(details.networks ?? details.ips).toEqual(certificate.networks);
    expect(details.unsafeNetworks ?? details.subnets).toEqual(certificate.unsafeNetworks);
    expect(details.issuer).toBe(certificate.issuer);
    expect(Date.parse(String(details.notAfter))).toBe(validity.notAfter * 1000);
  });

  test.each(cases)(
    '$nebula signs with an authority of ours: version $version of $curve',
    async (each) => {
      const { nebulaCert } = nebulaPrograms(each.nebula);
      const { authority, keys } = issue(each.version, each.curve);

      const signed = await signByProgram(nebulaCert, authority, publicKeyPem('host', keys));

      expect(signed.publicKey).toEqual(keys.publicKey);
      expect(verify(signed, authorityPool([authority.certificate]), { now: now + 60 })).toBe(
        'valid',
      );
    },
  );

  test.each(cases.filter(({ version }) => version === 1))(
    '$nebula makes keys of $curve that we read',
    async ({ nebula, curve }) => {
      const path = join(folder, crypto.randomUUID());
      const flags = curve === 'p256' ? ['-curve', 'P256'] : [];
      const files = ['-out-key', `${path}.key`, '-out-pub', `${path}.pub`];
      await run(nebulaPrograms(nebula).nebulaCert, ['keygen', ...flags, ...files]);

      const keys = parsePrivateKey('host', await readFile(`${path}.key`, 'utf8'));

      expect(keys.curve).toBe(curve);
      expect(publicKeyPem('host', keys)).toBe(await readFile(`${path}.pub`, 'utf8'));
    },
  );

  test.each(cases)(
    '$nebula takes our configuration with version $version of $curve',
    async (each) => {
      const { nebula } = nebulaPrograms(each.nebula);
      const { authority, keys, certificate } = issue(each.version, each.curve);
      const lighthouse: HostSettings = {
        authorities: [certificatePem(authority.certificate)],
        certificate: certificatePem(certificate),
        blocklist: [fingerprint(issue(each.version, each.curve).certificate)],
        amLighthouse: true,
        amRelay: true,
        lighthouses: [],
        relays: [],
        staticHosts: {},
        listen: { host: '::', port: 4242 },
        device: 'nebula-home',
        inbound: [
          { proto: 'icmp', port: 'any', peer: 'any' },
          { proto: 'tcp', port: 443, peer: { groups: ['a', 'b'] } },
          { proto: 'udp', port: '5000-5010', peer: { host: 'laptop' } },
          { proto: 'tcp', port: 22, peer: { cidr: '10.42.1.0/24' } },
        ],
        outbound: [{ proto: 'tcp', port: 'fragment', peer: { group: 'a' } }],
      };
      const member: HostSettings = {
        ...lighthouse,
        amLighthouse: false,
        amRelay: false,
        lighthouses: ['10.42.0.1'],
        relays: ['10.42.0.1'],
        staticHosts: { '10.42.0.1': ['192.0.2.7:4242'] },
        listen: { host: '0.0.0.0', port: 0 },
        routes: [{ range: '192.168.77.0/24', via: '10.42.0.1' }],
      };
      const options = {
        privateKey: privateKeyPem('host', keys),
        nebulaVersion: `${each.nebula}.0`,
      };

      for (const settings of [lighthouse, member]) {
        const path = `${await file('')}.yml`;
        await writeFile(path, renderConfig(settings, options), { mode: 0o600 });

        await expect(run(nebula, ['-test', '-config', path])).resolves.toBeDefined();
      }
    },
  );
});

async function signByProgram(program: string, authority: Authority, publicKey: string) {
  const { certificate, privateKey } = authority;
  const { curve } = certificate;
  const pair = { curve, privateKey, publicKey: certificate.publicKey };
  const ca = await file(certificatePem(certificate));
  const key = await file(privateKeyPem('ca', pair));
  const pub = await file(publicKey);
  const out = `${pub}.crt`;
  const identity = ['-name', 'web-2', '-ip', '10.42.0.8/16', '-groups', 'server'];
  await run(program, [
    'sign',
    '-ca-crt',
    ca,
    '-ca-key',
    key,
    '-in-pub',
    pub,
    '-out-crt',
    out,
    ...identity,
  ]);
  return parseCertificate(await readFile(out, 'utf8'));
}
