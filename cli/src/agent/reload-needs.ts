/**
 * What a change of settings asks of a nebula that runs: nothing, a reload by SIGHUP, or a new start,
 * which drops every tunnel for a moment. Pure.
 */
import { parseCertificate } from '@cep/nebula/certificates';
import type { HostSettings } from '@cep/nebula/host-settings';

export type Need = 'nothing' | 'reload' | 'restart';

type Rule = Need | ((from: HostSettings, to: HostSettings, version: Version) => Need);

/**
 * What SIGHUP takes over (`interface.go`, `pki.go`, `lighthouse.go`, `relay_manager.go`, `tun.go`):
 * what a version does not read again would silently stay as it was.
 */
const RULES: { readonly [Setting in keyof HostSettings]-?: Rule } = {
  authorities: 'reload',
  blocklist: 'reload',
  inbound: 'reload',
  relays: 'reload',
  lighthouses: 'reload',
  logLevel: 'reload',
  // A certificate of another address is refused, and the one before kept.
  certificate: (from, to) => (networksOf(from) === networksOf(to) ? 'reload' : 'restart'),
  // 1.7.0 and 1.7.1 freeze.
  staticHosts: (_from, _to, version) =>
    version.is(1, 7) && version.patch < 2 ? 'restart' : 'reload',
  routes: (_from, _to, version) => (version.atLeast(1, 9) ? 'reload' : 'restart'),
  amLighthouse: 'restart',
  // `use_relays`, its opposite, is read at the start alone.
  amRelay: 'restart',
  listen: 'restart',
  device: 'restart',
  withoutInterface: 'restart',
};

/** @param nebulaVersion  of the nebula that runs, e.g. `1.6.1` */
export function needOf(from: HostSettings, to: HostSettings, nebulaVersion: string): Need {
  const version = parseVersion(nebulaVersion);
  const needs = (Object.keys(RULES) as (keyof HostSettings)[])
    .filter((setting) => JSON.stringify(from[setting]) !== JSON.stringify(to[setting]))
    .map((setting) => {
      const rule = RULES[setting];
      return typeof rule === 'function' ? rule(from, to, version) : rule;
    });
  if (needs.includes('restart')) return 'restart';
  return needs.includes('reload') ? 'reload' : 'nothing';
}

/**
 * Whether the tunnels that are up must be closed for peers to see a new certificate: from 1.7 on
 * nebula shakes hands again by itself.
 */
export const keepsOldHandshakes = (nebulaVersion: string): boolean =>
  !parseVersion(nebulaVersion).atLeast(1, 7);

const networksOf = ({ certificate }: HostSettings): string =>
  parseCertificate(certificate).networks.join();

interface Version {
  readonly patch: number;
  is(major: number, minor: number): boolean;
  atLeast(major: number, minor: number): boolean;
}

function parseVersion(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return {
    patch,
    is: (one, two) => major === one && minor === two,
    atLeast: (one, two) => major > one || (major === one && minor >= two),
  };
}
