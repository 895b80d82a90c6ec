/** What each nebula says to a configuration that it does not take over, and to junk that it is sent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { certificatePem } from '@cep/nebula/certificates';
import { renderConfig } from '@cep/nebula/config';
import { EVERYTHING } from '@cep/nebula/firewall';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { privateKeyPem } from '@cep/nebula/key-pem';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { eventually } from '@cep/testing/eventually';
import { nebulaPrograms, nebulaVersions } from '@cep/testing/nebula';
import { requires } from '@cep/testing/requires';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusalAmong } from './refusal.ts';

const now = Math.floor(Date.now() / 1000);
const validity = { notBefore: now - 60, notAfter: now + 3_600 };
const network = { version: 1, name: 'home', networks: ['10.42.0.0/16'], ...validity } as const;
const authority = issueCa(network, generateCaKeys());
const keys = generateHostKeys();
const certificateFor = (address: string) =>
  certificatePem(
    issueHost(authority, {
      ...{ name: 'light', networks: [address], groups: [], publicKey: keys.publicKey },
      ...validity,
    }),
  );
const port = randomInt(20_000, 60_000);

/** A lighthouse without an interface: it runs anywhere. */
const configFor = (address: string) =>
  renderConfig(
    {
      ...{ authorities: [certificatePem(authority.certificate)], blocklist: [] },
      ...{ certificate: certificateFor(address), device: 'nebula-home', withoutInterface: true },
      ...{ amLighthouse: true, amRelay: false, lighthouses: [], relays: [], staticHosts: {} },
      ...{ listen: { host: '0.0.0.0', port }, inbound: EVERYTHING, outbound: EVERYTHING },
    },
    { privateKey: privateKeyPem('host', keys), nebulaVersion: '1.6.1' },
  );
const good = configFor('10.42.0.1/16');

const BAD: Readonly<Record<string, string>> = {
  'half a file': `${good}\n: : [`,
  'a rule that is none': good.replace(/(inbound:\s+- port: )"any"/, '$1"some"'),
  'an authority that is none': good.replace(/(ca: \|\s+\S+ NEBULA CERT)/, '$1S'),
  'the certificate of another address': configFor('10.42.0.9/16'),
  'a key that is not its own': good.replace(
    /(PRIVATE KEY-----\s+)\S+/,
    `$1${randomBytes(32).toString('base64')}`,
  ),
  'a host that is nowhere': good.replace(
    /static_host_map: .*/,
    'static_host_map: {10.42.0.5: [x]}',
  ),
  'addresses that are none': good.replace('interfaces:', '"10.0.0.0/x": true\n    interfaces:'),
};

requires('nebula')('what nebula says', () => {
  let folder: string;
  let config: string;
  let nebula: ChildProcess;
  const lines: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cep-refusal-'));
    config = join(folder, 'nebula.yml');
    lines.length = 0;
  });
  afterEach(async () => {
    const ended = once(nebula, 'exit');
    nebula.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });

  async function start(program: string): Promise<void> {
    writeFileSync(config, good);
    nebula = spawn(program, ['-config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const input of [nebula.stdout, nebula.stderr])
      if (input) createInterface({ input }).on('line', (line) => lines.push(line));
    await says(/interface is active/);
  }
  const says = (words: RegExp) =>
    eventually(async () => expect(lines).toContainEqual(expect.stringMatching(words)));
  const reload = (text: string) => {
    lines.length = 0;
    writeFileSync(config, text);
    nebula.kill('SIGHUP');
  };

  describe.each(nebulaVersions)('of version %s', (version) => {
    test.each(Object.entries(BAD))('to %s is a refusal', async (_, bad) => {
      expect(bad).not.toBe(good);
      await start(nebulaPrograms(version).nebula);

      reload(bad);

      await eventually(async () => expect(refusalAmong(lines)).toBeDefined());
    });

    test('to a good one, and to junk meanwhile, is none', async () => {
      await start(nebulaPrograms(version).nebula);
      const socket = createSocket('udp4');
      const header = Buffer.from('10000000000000000000000000000001', 'hex');

      reload(good.replace('level: "info"', 'level: "debug"'));
      await eventually(async () => {
        socket.send(Buffer.concat([header, randomBytes(120)]), port, '127.0.0.1');
        expect(lines).toContainEqual(expect.stringMatching(/level=error/i));
      });
      socket.close();

      expect(refusalAmong(lines)).toBeUndefined();
    });
  });
});
