/**
 * The one configuration file of a host's nebula: everything it needs, PEMs included, so that one
 * rename switches certificate, authorities, blocklist and rules together. It is read alike by
 * nebula 1.6, 1.9 and 1.11; what those versions disagree about is said explicitly.
 */
import { Document, Scalar } from 'yaml';
import { certificatePem, parseCertificates } from './certificates.ts';
import { checkSettings, ownCertificates } from './config-checks.ts';
import type { Certificate } from './details.ts';
import { toNebulaRule } from './firewall.ts';
import type { ConfigOptions, DebugServer, HostSettings } from './host-settings.ts';

/** Smaller than any path a tunnel may take, VPNs and PPPoE included. */
const MTU = 1300;

/**
 * Interfaces whose addresses are of no use to other hosts. Nebula keeps at most ten addresses of a
 * host, and a machine with containers has more of these than that (`lighthouse.go`).
 */
const INTERNAL_INTERFACES = ['docker.*', 'br-.*', 'veth.*', 'lxdbr.*', 'nebula.*'];

/**
 * Renders the file (`config/config.go`, `main.go`, `examples/config.yml`). `lighthouse.interval` is a
 * constant: changing it under a running 1.6 or 1.7 ends all reloading.
 *
 * @throws {Problem} `invalid-request` for settings with which this nebula would not start, or would
 *   stop taking reloads
 */
export function renderConfig(settings: HostSettings, options: ConfigOptions): string {
  checkSettings(settings, options);
  const config = {
    pki: {
      ...(options.files ?? inline(settings, options)),
      blocklist: settings.blocklist,
      disconnect_invalid: true,
      // Peers that have version 1 alone would not answer to the other; for an IPv6 address nebula
      // takes version 2 all the same.
      ...(settings.certificateV2 !== undefined && { initiating_version: 1 }),
    },
    static_host_map: settings.staticHosts,
    lighthouse: lighthouse(settings),
    listen: settings.listen,
    punchy: { punch: true, respond: true },
    relay: {
      relays: settings.relays,
      am_relay: settings.amRelay,
      use_relays: !settings.amRelay,
    },
    tun: tun(settings),
    logging: { level: settings.logLevel ?? 'info', format: 'text' },
    // How soon a blocklist reaches tunnels that are up.
    timers: { connection_alive_interval: 1 },
    firewall: firewall(settings, options.round),
    ...(options.debug && { sshd: sshd(options.debug) }),
  };
  const document = new Document(config, { version: '1.1' });
  return document.toString({
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  });
}

/** `pki.go` */
const inline = (settings: HostSettings, { privateKey }: ConfigOptions) => ({
  ca: literal(written(settings.authorities.flatMap(parseCertificates))),
  cert: literal(written(ownCertificates(settings))),
  key: literal(privateKey),
});

/** `lighthouse.go` */
const lighthouse = ({ amLighthouse, lighthouses }: HostSettings) => ({
  am_lighthouse: amLighthouse,
  hosts: lighthouses,
  interval: 10,
  local_allow_list: {
    interfaces: Object.fromEntries(INTERNAL_INTERFACES.map((pattern) => [pattern, false])),
  },
});

/** `overlay/tun.go`, `overlay/route.go` */
const tun = ({ device, withoutInterface = false, routes = [] }: HostSettings) => ({
  disabled: withoutInterface,
  dev: device,
  mtu: MTU,
  drop_local_broadcast: false,
  drop_multicast: false,
  tx_queue: 500,
  unsafe_routes: routes.map(({ range, via }) => ({ route: range, via })),
});

/** `firewall.go`. Rules speak of the host itself: what 1.10 made the default, earlier versions are told. */
const firewall = ({ inbound, outbound }: HostSettings, round?: number) => ({
  ...(round !== undefined && { round }),
  default_local_cidr_any: false,
  conntrack: { tcp_timeout: '12m', udp_timeout: '3m', default_timeout: '10m' },
  outbound: outbound.map(toNebulaRule),
  inbound: inbound.map(toNebulaRule),
});

/**
 * Certificates as we write them: a PEM may also have comments, and with a line break that YAML 1.1
 * knows and others do not (U+2028) one of those could go on as further settings.
 */
const written = (certificates: readonly Certificate[]): string =>
  certificates.map(certificatePem).join('');

/** `ssh.go` */
const sshd = ({ port, hostKeyFile, authorizedKey }: DebugServer) => ({
  enabled: true,
  listen: `127.0.0.1:${port}`,
  host_key: hostKeyFile,
  authorized_users: [{ user: 'cep', keys: [authorizedKey] }],
});

function literal(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = 'BLOCK_LITERAL';
  return scalar;
}
