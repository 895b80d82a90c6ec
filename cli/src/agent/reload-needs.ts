/**
 * What a change of settings asks of a nebula that runs: nothing, a reload by SIGHUP, or a new start,
 * which drops every tunnel for a moment. Pure.
 */
import { parseCertificate } from '@cep/nebula/certificates';
import type { HostSettings } from '@cep/nebula/host-settings';
import { parseVersion } from '@cep/nebula/versions';

export type Need = 'nothing' | 'reload' | 'restart';

type Rule =
  | Need
  | ((from: HostSettings, to: HostSettings, version: ReturnType<typeof parseVersion>) => Need);

/**
 * What SIGHUP takes over (`interface.go`, `pki.go`, `lighthouse.go`, `relay_manager.go`, `tun.go`):
 * what a version does not read again would silently stay as it was.
 */
const RULES: { readonly [Setting in keyof HostSettings]-?: Rule } = {
  authorities: 'reload',
  blocklist: 'reload',
  inbound: 'reload',
  outbound: 'reload',
  relays: 'reload',
  lighthouses: 'reload',
  logLevel: 'reload',
  // A certificate of another address is refused, and the one before kept.
  certificate: (from, to) => (networksOf(from) === networksOf(to) ? 'reload' : 'restart'),
  // Its address on the interface comes with a start.
  certificateV2: (from, to) => (networks2Of(from) === networks2Of(to) ? 'reload' : 'restart'),
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

const networks2Of = ({ certificateV2 }: HostSettings): string =>
  certificateV2 === undefined ? '' : parseCertificate(certificateV2).networks.join();

const networksOf = ({ certificate }: HostSettings): string =>
  parseCertificate(certificate).networks.join();
