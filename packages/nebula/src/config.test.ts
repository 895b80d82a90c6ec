import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { certificatePem, fingerprint } from './certificates.ts';
import { renderConfig } from './config.ts';
import type { Curve, Version } from './details.ts';
import { EVERYTHING, type FirewallRule, toNebulaRule } from './firewall.ts';
import type { ConfigOptions, HostSettings } from './host-settings.ts';
import { issueCa, issueHost } from './issue.ts';
import { privateKeyPem } from './key-pem.ts';
import { generateCaKeys, generateHostKeys } from './keys.ts';

const refusal = expect.objectContaining({ code: 'invalid-request' });
const unfit = expect.objectContaining({ code: 'unfit-for-nebula' });

function host(version: Version = 1, curve: Curve = 'curve25519') {
  const validity = { notBefore: 1, notAfter: 4_000_000_000 };
  const authority = issueCa(
    { version, name: 'home', networks: ['10.42.0.0/16'], ...validity },
    generateCaKeys(curve),
  );
  const keys = generateHostKeys(curve);
  const certificate = issueHost(authority, {
    ...{ name: 'laptop', networks: ['10.42.0.7/16'], publicKey: keys.publicKey },
    ...validity,
  });
  const settings: HostSettings = {
    authorities: [certificatePem(authority.certificate)],
    certificate: certificatePem(certificate),
    blocklist: [fingerprint(authority.certificate)],
    amLighthouse: false,
    amRelay: false,
    lighthouses: ['10.42.0.1'],
    relays: ['10.42.0.1'],
    staticHosts: { '10.42.0.1': ['192.0.2.7:4242', '[2001:db8::7]:4242', 'cloud.example:4242'] },
    listen: { host: '::', port: 0 },
    device: 'nebula-home',
    ...{ inbound: EVERYTHING, outbound: EVERYTHING },
  };
  return { settings, options: { privateKey: privateKeyPem('host', keys), nebulaVersion: '1.6.1' } };
}

const { settings, options } = host();

const lighthouse = {
  ...{ amLighthouse: true, lighthouses: [], relays: [], staticHosts: {} },
  listen: { host: '::', port: 4242 },
} as const;

describe('the rendered file', () => {
  test('has nothing of a certificate but the certificate', () => {
    const comment = '# ours\u2028sshd:\u2028  enabled: true\n';
    const { authorities, certificate } = settings;
    const commented = {
      ...settings,
      authorities: [comment + authorities.join('')],
      certificate: certificate + comment,
    };

    expect(renderConfig(commented, options)).toBe(renderConfig(settings, options));
  });

  test('says what nebula needs, and nothing that a running 1.6 may not see changed', () => {
    const config = parse(renderConfig(settings, options));

    expect(config).toMatchObject({
      pki: {
        ca: settings.authorities[0],
        cert: settings.certificate,
        key: options.privateKey,
        blocklist: settings.blocklist,
        disconnect_invalid: true,
      },
      static_host_map: settings.staticHosts,
      lighthouse: { am_lighthouse: false, hosts: ['10.42.0.1'], interval: 10 },
      listen: { host: '::', port: 0 },
      punchy: { punch: true, respond: true },
      relay: { relays: ['10.42.0.1'], am_relay: false, use_relays: true },
      tun: { dev: 'nebula-home', mtu: 1300 },
      timers: { connection_alive_interval: 1 },
      firewall: {
        inbound: [{ port: 'any', proto: 'any', host: 'any' }],
        outbound: [{ port: 'any', proto: 'any', host: 'any' }],
      },
    });
    expect(config.lighthouse.local_allow_list.interfaces).toHaveProperty(['docker.*'], false);
  });

  test('is the same text for the same settings', () => {
    expect(renderConfig(settings, options)).toBe(renderConfig({ ...settings }, { ...options }));
  });

  test('has other rules for nebula in each round, though they say the same', () => {
    const inRound = (round: number) => parse(renderConfig(settings, { ...options, round }));
    const [one, other] = [inRound(1), inRound(2)];

    expect(one.firewall).not.toEqual(other.firewall);
    expect({ ...one.firewall, round: 2 }).toEqual(other.firewall);
  });

  test('lets nobody in, and nothing out, without a rule', () => {
    const config = parse(renderConfig({ ...settings, inbound: [], outbound: [] }, options));

    expect(config.firewall).toMatchObject({ inbound: [], outbound: [] });
  });

  test('makes a lighthouse and a relay', () => {
    const config = parse(renderConfig({ ...settings, ...lighthouse, amRelay: true }, options));

    expect(config.lighthouse).toMatchObject({ am_lighthouse: true, hosts: [] });
    expect(config.relay).toEqual({ relays: [], am_relay: true, use_relays: false });
  });

  test('quotes every value, so that none is read as a number or a truth', () => {
    const inbound: FirewallRule[] = [{ proto: 'tcp', port: '80-90', peer: { group: 'no' } }];

    const text = renderConfig({ ...settings, inbound }, options);

    expect(text).toContain('group: "no"');
    expect(text).toContain('port: "80-90"');
  });
});

describe('refuses settings with', () => {
  test.each<[string, Partial<HostSettings>]>([
    ['a lighthouse that is nowhere', { staticHosts: {} }],
    [
      'a lighthouse of another network',
      { lighthouses: ['10.43.0.1'], staticHosts: { '10.43.0.1': [] } },
    ],
    ['a lighthouse that has lighthouses', { amLighthouse: true, listen: { host: '::', port: 1 } }],
    ['a lighthouse without a port', { ...lighthouse, listen: { host: '::', port: 0 } }],
    ['a relay behind relays', { amRelay: true }],
    ['a port beyond the last', { listen: { host: '::', port: 65_536 } }],
    ['an endpoint without a port', { staticHosts: { '10.42.0.1': ['192.0.2.7'] } }],
    ['an endpoint of several lines', { staticHosts: { '10.42.0.1': ['a\n:1'] } }],
    ['an interface with a path in it', { device: 'nebula/../x' }],
    ['an interface that would be advertised', { device: 'tun0' }],
    ['an interface too long for Linux', { device: 'nebula-of-my-home' }],
    ['a blocklist of names', { blocklist: ['laptop'] }],
    ['a route into the overlay', { routes: [{ range: '10.42.9.0/24', via: '10.42.0.1' }] }],
    ['a route by a stranger', { routes: [{ range: '192.168.9.0/24', via: '192.0.2.1' }] }],
    ['a certificate that is none', { certificate: 'certificate' }],
  ])('%s', (_, changes) => {
    expect(() => renderConfig({ ...settings, ...changes }, options)).toThrow(refusal);
  });

  test.each<[string, Partial<ConfigOptions>]>([
    ['the key of another host', { privateKey: host().options.privateKey }],
    ['a key that is none', { privateKey: 'key' }],
  ])('%s', (_, changes) => {
    expect(() => renderConfig(settings, { ...options, ...changes })).toThrow(refusal);
  });

  test.each<[string, Version, Curve, string, string]>([
    ['a version 2 authority before 1.10', 2, 'curve25519', '1.9.3', '1.10.0'],
    ['P-256 before 1.7', 1, 'p256', '1.6.1', '1.7.0'],
  ])('%s', (_, version, curve, older, newer) => {
    const made = host(version, curve);
    const render = (nebulaVersion: string) =>
      renderConfig(made.settings, { ...made.options, nebulaVersion });

    expect(() => render(older)).toThrow(unfit);
    expect(render(newer)).toContain('pki:');
  });
});

describe('a firewall rule', () => {
  test.each<[FirewallRule, object]>([
    [
      { proto: 'tcp', port: 443, peer: { group: 'admin' } },
      { proto: 'tcp', port: '443', group: 'admin' },
    ],
    [
      { proto: 'udp', port: '5000-5010', peer: { groups: ['a', 'b'] } },
      { proto: 'udp', port: '5000-5010', groups: ['a', 'b'] },
    ],
    [
      { proto: 'icmp', port: 'any', peer: { host: 'laptop' } },
      { proto: 'icmp', port: 'any', host: 'laptop' },
    ],
    [
      { proto: 'any', port: 'fragment', peer: { cidr: '10.42.0.0/24' } },
      { proto: 'any', port: 'fragment', cidr: '10.42.0.0/24' },
    ],
  ])('%j becomes nebula’s', (rule, expected) => {
    expect(toNebulaRule(rule)).toEqual(expected);
  });

  const both = { host: 'laptop', group: 'admin' };
  test.each<[string, FirewallRule]>([
    ['of two selectors, which nebula reads as either', { proto: 'tcp', port: 1, peer: both }],
    ['of ICMP with a port', { proto: 'icmp', port: 1, peer: 'any' }],
    ['of port 0', { proto: 'tcp', port: 0, peer: 'any' }],
    ['of ports backwards', { proto: 'tcp', port: '9-8', peer: 'any' }],
    ['of a port beyond the last', { proto: 'tcp', port: 65_536, peer: 'any' }],
    ['of no group', { proto: 'tcp', port: 1, peer: { groups: [] } }],
    ['of a group that means everyone', { proto: 'tcp', port: 1, peer: { group: 'any' } }],
    ['of a range that means everyone', { proto: 'tcp', port: 1, peer: { cidr: '0.0.0.0/8' } }],
    ['of a range that is none', { proto: 'tcp', port: 1, peer: { cidr: 'any' } }],
  ])('%s is refused', (_, rule) => {
    expect(() => toNebulaRule(rule)).toThrow(refusal);
  });
});
