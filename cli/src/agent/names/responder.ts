/** Where this host answers for its network. */
import { forwarder, type OtherServer } from '@cep/dns/forward';
import { type RunningDns, startDns } from '@cep/dns/server';
import type { buildZones } from '@cep/dns/zone';

import { findServers } from './machine-resolver.ts';

type Zones = ReturnType<typeof buildZones>;

const PORT = 53;

/**
 * Addresses of this machine for resolvers that only take addresses: unlike that of the host they are
 * there without nebula, and nobody else can ask there. One for each network that the machine is on.
 */
const LOCAL = Array.from({ length: 20 }, (_, index) => `127.0.83.${index + 1}`);

interface Responder {
  /** The addresses at which it answers. */
  readonly hosts: readonly string[];
  replace(zones: Zones): void;
  stop(): Promise<void>;
}

/** At all of the addresses. @returns nothing while they are not this machine's. @throws EADDRINUSE */
export async function answerAt(
  hosts: readonly string[],
  zones: Zones,
  log: (line: string) => void,
): Promise<Responder | undefined> {
  const addresses = hosts.map((host) => ({ host, port: PORT }));
  try {
    return toResponder(await startDns({ zones, addresses, log: words(log) }));
  } catch (error) {
    if (codeOf(error) === 'EADDRNOTAVAIL') return undefined;
    throw error;
  }
}

/** At the first local address that is free, also for what is not on the network. @throws EADDRINUSE */
export async function answerLocally(
  zones: Zones,
  log: (line: string) => void,
  [host = '', ...others]: readonly string[] = LOCAL,
): Promise<Responder> {
  try {
    const addresses = [{ host, port: PORT }];
    const forward = forwarder(() => otherServers(host));
    return toResponder(await startDns({ zones, addresses, forward, log: words(log) }));
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || others.length === 0) throw error;
    return answerLocally(zones, log, others);
  }
}

/** Those that the machine asks besides us, those of its other networks first. */
function otherServers(own: string): OtherServer[] {
  return findServers()
    .filter((host) => host !== own)
    .map((host) => ({ host, isOurs: LOCAL.includes(host) }))
    .toSorted((one, two) => Number(two.isOurs) - Number(one.isOurs));
}

const toResponder = ({ addresses, replace, stop }: RunningDns): Responder => ({
  hosts: addresses.map(({ host }) => host),
  replace,
  stop,
});

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

const words = (log: (line: string) => void) => {
  const say = (message: string, fields: object = {}) => log(`${message} ${JSON.stringify(fields)}`);
  return { info: say, warn: say, error: say };
};
