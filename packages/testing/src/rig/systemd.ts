import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEMD } from '../install/systemd.ts';

/** The rig's variable for the `/usr` of systemd, if it was unpacked. */
export const systemd = (): Record<string, string> =>
  existsSync(SYSTEMD) ? { TEST_SYSTEMD: join(SYSTEMD, 'usr') } : {};
