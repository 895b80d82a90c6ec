import type { Logger } from '@cep/logging/logger';
import { type Forward, wantsMore } from './forward.ts';
import { isForeign, type Reply, respond } from './respond.ts';
import { listenTcp } from './tcp.ts';
import type { Zones } from './tree.ts';
import { listenUdp } from './udp.ts';

export interface DnsOptions {
  readonly zones: Zones;
  /**
   * Where to answer, by UDP and TCP. Each host is one address of this machine: answers from "all of
   * them" would leave from another address than was asked. Port 0: any free one.
   */
  readonly addresses: readonly DnsAddress[];
  readonly log: Logger;
  /** Absent: what is in none of the zones is refused. Only for addresses where no stranger can ask. */
  readonly forward?: Forward;
}

export interface DnsAddress {
  readonly host: string;
  readonly port: number;
}

export interface RunningDns {
  /** Where it answers, with the ports that were chosen. */
  readonly addresses: readonly DnsAddress[];
  /** Answers from other zones from the next question on; no question is lost. */
  replace(zones: Zones): void;
  /** Stops answering at once, and frees the addresses. */
  stop(): Promise<void>;
}

/**
 * Answers DNS from zones that {@link buildZones} made, at all addresses or at none.
 *
 * @throws what listening fails with, e.g. `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
 */
export async function startDns({
  zones,
  addresses,
  log,
  forward,
}: DnsOptions): Promise<RunningDns> {
  let current = zones;
  const reply: Reply = (message, transport) =>
    forward && wantsMore(message) && isForeign(current, message)
      ? forward(message, transport)
      : respond(current, message, transport);
  const listeners: Listener[] = [];
  const stop = async () => {
    await Promise.all(listeners.map((listener) => listener.stop()));
  };
  try {
    for (const address of addresses) listeners.push(await listen(reply, address, log));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    addresses: listeners.map(({ address }) => address),
    replace(next) {
      current = next;
    },
    stop,
  };
}

interface Listener {
  readonly address: DnsAddress;
  stop(): Promise<void>;
}

/** What UDP gets for port 0 somebody else may have by TCP: then another is tried. */
const ATTEMPTS = 20;

async function listen(
  reply: Reply,
  { host, port }: DnsAddress,
  log: Logger,
  attempts = ATTEMPTS,
): Promise<Listener> {
  const udp = await listenUdp(reply, { host, port }, log);
  const address = { host, port: udp.port };
  try {
    const tcp = await listenTcp(reply, address, log);
    return { address, stop: async () => void (await Promise.all([udp.stop(), tcp.stop()])) };
  } catch (error) {
    await udp.stop();
    if (port > 0 || attempts === 0) throw error;
    return listen(reply, { host, port }, log, attempts - 1);
  }
}
