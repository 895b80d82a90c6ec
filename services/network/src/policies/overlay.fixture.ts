/** Hosts of a lab that run real nebula, each with rules that can be replaced, and probes beside it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { certificatePem } from '@cep/nebula/certificates';
import { renderConfig } from '@cep/nebula/config';
import { issueCa, issueHost } from '@cep/nebula/issue';
import { privateKeyPem } from '@cep/nebula/key-pem';
import { generateCaKeys, generateHostKeys } from '@cep/nebula/keys';
import { readsVersion2 } from '@cep/nebula/versions';
import { createLab } from '@cep/testing/lab';
import { type NebulaVersion, nebulaPrograms } from '@cep/testing/nebula';
import type { AllowRule, HostRules } from './compile.ts';
import type { Member } from './members.ts';
import type { Trial } from './probe.fixture.ts';

const PROBE = fileURLToPath(new URL('probe.fixture.ts', import.meta.url));
const PORT = 4242;
const LISTEN = { host: '0.0.0.0', port: PORT } as const;

export interface OverlayHost extends Member {
  readonly version: NebulaVersion;
}

export const hasIpv6 = ({ version }: OverlayHost): boolean => readsVersion2(`${version}.0`);

/** @param udpPorts  at which every host answers */
export async function createOverlay(members: readonly OverlayHost[], udpPorts: readonly number[]) {
  const folder = mkdtempSync(join(tmpdir(), 'overlay-'));
  const lab = await createLab({ hosts: members.map(({ name }) => name) });
  const identify = identities();
  const addressOf = (at: number) => `10.42.0.${at + 1}`;
  const address6Of = (at: number) => `fd00:42::${at + 1}`;
  const whereabouts = (overlay: typeof addressOf, has = (_: OverlayHost) => true) =>
    Object.fromEntries(
      members.flatMap((member, at) =>
        has(member) ? [[overlay(at), [`${lab.hosts[member.name]?.address}:${PORT}`]]] : [],
      ),
    );

  const nodes = members.map((member, at) => {
    const nebulaVersion = `${member.version}.0`;
    const identity = identify(member, `${addressOf(at)}/16`, `${address6Of(at)}/64`);
    const staticHosts = {
      ...whereabouts(addressOf),
      ...(hasIpv6(member) && whereabouts(address6Of, hasIpv6)),
    };
    const config = join(folder, `${member.name}.yml`);
    const write = ({ inbound, outbound }: HostRules) => {
      const { privateKey, ...certificates } = identity;
      const settings = {
        ...{ ...certificates, blocklist: [], amLighthouse: at === 0, amRelay: false, relays: [] },
        ...{ lighthouses: at === 0 ? [] : [addressOf(0)], listen: LISTEN },
        ...{ staticHosts, device: `nebula-${at}` },
        ...{ inbound: inbound.map(toSetting), outbound: outbound.map(toSetting) },
      } as const;
      writeFileSync(config, renderConfig(settings, { privateKey, nebulaVersion }));
    };
    const host = lab.hosts[member.name];
    if (!host) throw new Error('the lab lacks a host that was asked for');
    const { nebula } = nebulaPrograms(member.version);
    const start = () => host.spawn(nebula, ['-config', config], { stdio: 'ignore' });
    const probe = host.spawn(process.execPath, [PROBE, ...udpPorts.map(String)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return { member, address: addressOf(at), address6: address6Of(at), start, probe, write };
  });

  const running = new Map<string, ChildProcess>();
  return {
    /** Gives each host its rules; they are in force soon. The first ones start nebula. */
    load(rulesOf: (host: Member) => HostRules) {
      for (const node of nodes) {
        node.write(rulesOf(node.member));
        const nebula = running.get(node.member.name);
        if (nebula) nebula.kill('SIGHUP');
        else running.set(node.member.name, node.start());
      }
    },
    /** Whether each of the packets of one host arrives. */
    async probe(
      from: Member,
      packets: readonly { to: Member; protocol: string; port: number; family?: 4 | 6 }[],
    ): Promise<boolean[]> {
      const node = nodes.find(({ member }) => member.name === from.name);
      if (!node) throw new Error(`there is no host ${from.name}`);
      const trials = packets.map(({ to, protocol, port, family = 4 }) => {
        const target = nodes.find(({ member }) => member.name === to.name);
        const address = family === 4 ? target?.address : target?.address6;
        return { protocol, port, address: address ?? '' };
      });
      return ask(node.probe, trials);
    },
    async close() {
      await lab.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function ask(probe: ChildProcess, trials: readonly Trial[]): Promise<boolean[]> {
  if (trials.length === 0) return [];
  const answer = once(probe, 'message');
  probe.send(trials);
  const [arrived] = await answer;
  return arrived;
}

function identities() {
  const now = Math.floor(Date.now() / 1000);
  const validity = { notBefore: now - 60, notAfter: now + 3_600 };
  const ranges = ['10.42.0.0/16', 'fd00:42::/64'];
  const caKeys = generateCaKeys();
  const found = (version: 1 | 2, networks: string[]) =>
    issueCa({ version, name: 'home', networks, ...validity }, caKeys);
  const first = found(1, ranges.slice(0, 1));
  const second = found(2, ranges);
  return (member: OverlayHost, ...networks: [string, string]) => {
    const { name, groups } = member;
    const keys = generateHostKeys();
    const request = { name, groups, publicKey: keys.publicKey, ...validity };
    const certify = (authority: typeof first, own: string[]) =>
      certificatePem(issueHost(authority, { ...request, networks: own }));
    const authorities = hasIpv6(member) ? [first, second] : [first];
    return {
      authorities: authorities.map(({ certificate }) => certificatePem(certificate)),
      certificate: certify(first, networks.slice(0, 1)),
      ...(hasIpv6(member) && { certificateV2: certify(second, networks) }),
      privateKey: privateKeyPem('host', keys),
    };
  };
}

const toSetting = ({ protocol, port, peer }: AllowRule) => ({
  proto: protocol,
  port: port as 'any',
  peer: 'any' in peer ? ('any' as const) : peer,
});
