/** The programs that people ask with understand every answer. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromRig } from '@cep/testing/from-rig';
import { requires } from '@cep/testing/requires';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningDns, startDns } from './server.ts';
import { buildZones } from './zone.ts';

const BIG = 'x'.repeat(4_000);

requires('dns-clients')('dig and kdig', () => {
  let dns: RunningDns;

  beforeAll(async () => {
    dns = await startDns({
      zones: buildZones([
        {
          domain: 'home',
          ranges: ['10.42.0.0/16', 'fd00:42::/64'],
          records: [
            { name: 'web', type: 'A', value: '10.42.0.7' },
            { name: 'web', type: 'AAAA', value: 'fd00:42::7' },
            { name: 'www', type: 'CNAME', value: 'web.home' },
            { name: 'big', type: 'TXT', value: BIG },
          ],
        },
      ]),
      addresses: ['127.0.0.1', '::1'].map((host) => ({ host, port: 0 })),
      log: { info() {}, warn() {}, error() {} },
    });
  });

  afterAll(() => dns.stop());

  /** All that the program prints. */
  async function ask(program: string, args: string, server = 0) {
    const { host = '', port } = dns.addresses[server] ?? {};
    const words = [`@${host}`, '-p', String(port), ...args.split(' ')];
    const { stdout, stderr } = await promisify(execFile)(fromRig(program), words);
    return stdout + stderr;
  }

  const programs = ['TEST_DIG', 'TEST_KDIG'];
  const ofDig: [string, RegExp][] = [
    ['WEB.hOmE', /^WEB\.hOmE\.\s+60\s+IN\s+A\s+10\.42\.0\.7$/m],
    ['web.home +edns=1 +noednsneg', /BADVERS/],
    ['web.home +opcode=update', /NOTIMP/],
    ['home AXFR', /Transfer failed/],
  ];
  const cases: [string, RegExp][] = [
    ['web.home', /^web\.home\.\s+60\s+IN\s+A\s+10\.42\.0\.7$/m],
    ['web.home AAAA', /^web\.home\.\s+60\s+IN\s+AAAA\s+fd00:42::7$/m],
    ['www.home', /^www\.home\.\s+60\s+IN\s+CNAME\s+web\.home\.\nweb\.home\.\s+60\s+IN\s+A/m],
    ['-x 10.42.0.7', /IN\s+PTR\s+web\.home\.$/m],
    ['-x fd00:42::7', /IN\s+PTR\s+web\.home\.$/m],
    ['web.home ANY +notcp', /IN\s+HINFO\s+"?RFC8482"? ""$/m],
    [
      'web.home MX',
      /status: NOERROR[^]*IN\s+SOA\s+home\. hostmaster\.home\. 1 3600 600 604800 5$/m,
    ],
    [
      'nobody.home',
      /status: NXDOMAIN[^]*IN\s+SOA\s+home\. hostmaster\.home\. 1 3600 600 604800 5$/m,
    ],
    ['example.org', /status: REFUSED/],
    ['version.bind CH TXT', /REFUSED/],
    ['web.home +dnssec', /flags: do/],
    ['web.home +noedns', /^web\.home\.\s+60\s+IN\s+A\s+10\.42\.0\.7$/m],
    ['web.home +tcp +keepopen', /^web\.home\.\s+60\s+IN\s+A\s+10\.42\.0\.7$/m],
    ['web.home +cookie=0123456789abcdef', /^web\.home\.\s+60\s+IN\s+A\s+10\.42\.0\.7$/m],
    ['web.home +padding=128', /^web\.home\.\s+60\s+IN\s+A\s+10\.42\.0\.7$/m],
  ];

  const table = { TEST_DIG: [...cases, ...ofDig], TEST_KDIG: cases };
  const rows = Object.entries(table).flatMap(([program, each]) =>
    each.map(([args, seen]) => ({ program, args, seen })),
  );

  test.each(rows)('$program $args', async ({ program, args, seen }) => {
    const printed = await ask(program, args);
    expect(printed).toMatch(seen);
    expect(printed).not.toMatch(/malformed|extra bytes|mismatch/i);
  });

  test.each(programs)('%s turns to TCP for what is too large', async (program) => {
    const whole = await ask(program, 'big.home TXT +short');
    expect(whole.replaceAll(/^;.*$|[" \n]/gm, '')).toBe(BIG);
    expect(await ask(program, 'big.home TXT +ignore')).toMatch(/flags: [^;]*\btc\b/i);
  });

  test.each(programs)('%s reaches it by IPv6', async (program) => {
    expect(await ask(program, 'web.home +short', 1)).toBe('10.42.0.7\n');
  });
});
