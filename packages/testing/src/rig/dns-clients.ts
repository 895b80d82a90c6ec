import { existsSync } from 'node:fs';

const PROGRAMS = { TEST_DIG: '/usr/bin/dig', TEST_KDIG: '/usr/bin/kdig' };

/** The rig's variables for the programs that ask DNS, as far as they are installed. */
export const dnsClients = (): Record<string, string> =>
  Object.fromEntries(Object.entries(PROGRAMS).filter(([, path]) => existsSync(path)));
