import type { FirewallRule } from './firewall.ts';

/** What a host's nebula should do: plain data, without secrets, fit to be sent to the host. */
export interface HostSettings {
  /** PEM: every authority to trust, and this host's certificate. */
  readonly authorities: readonly string[];
  readonly certificate: string;
  /** PEM: one of version 2 beside that of version 1, for the same key (`pki.go`). */
  readonly certificateV2?: string | undefined;
  /** Fingerprints of certificates that are no longer trusted. */
  readonly blocklist: readonly string[];
  readonly amLighthouse: boolean;
  readonly amRelay: boolean;
  /** Overlay addresses; a lighthouse has none. */
  readonly lighthouses: readonly string[];
  /** Overlay addresses of the relays through which this host can be reached. */
  readonly relays: readonly string[];
  /** Where hosts are outside the overlay: overlay address to `ADDRESS:PORT`s. */
  readonly staticHosts: Readonly<Record<string, readonly string[]>>;
  /** `::` takes IPv4 too. Port 0 lets the system choose; a lighthouse needs a port of its own. */
  readonly listen: { readonly host: '::' | '0.0.0.0'; readonly port: number };
  /** The interface's name; it begins with `nebula`, which keeps it out of what hosts advertise. */
  readonly device: string;
  /** A lighthouse or relay that is nothing else needs neither an interface nor root. */
  readonly withoutInterface?: boolean;
  /** Who may reach this host; without a rule nobody may. */
  readonly inbound: readonly FirewallRule[];
  /**
   * Whom this host may call; without a rule nobody. Whoever is called decides that already, but an answer
   * that is under way when its rules change is then looked at as a call of its own: allowed, it would
   * keep open what the rules no longer allow.
   */
  readonly outbound: readonly FirewallRule[];
  /** Ranges beyond the overlay, and the overlay address of the host that leads there. */
  readonly routes?: readonly { readonly range: string; readonly via: string }[];
  readonly logLevel?: 'error' | 'warning' | 'info' | 'debug';
}

export interface ConfigOptions {
  /** PEM; it never leaves the host, so it is added there. */
  readonly privateKey: string;
  /** What `nebula -version` says on this host, e.g. `1.6.1`. */
  readonly nebulaVersion: string;
  /**
   * Any number but the last: under rules that changed nebula checks anew what it once let in, and goes
   * on with it otherwise, whatever certificate the peer shows by now. Nebula itself ignores it.
   */
  readonly round?: number;
  /** Where the PEMs are, as seen from the folder that nebula is started in; absent: in the file. */
  readonly files?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Nebula's own debug SSH server, on the loopback interface; absent: there is none. */
  readonly debug?: DebugServer;
}

export interface DebugServer {
  /** Any but 22, which nebula refuses (`ssh.go`). */
  readonly port: number;
  /** Path of a private key: 1.6 does not take the key itself. */
  readonly hostKeyFile: string;
  /** Who may enter, as a line of OpenSSH's `authorized_keys`. */
  readonly authorizedKey: string;
}
