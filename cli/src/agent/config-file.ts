/** The one file that nebula reads: replaced whole or not at all, and only after nebula has tried it. */
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import type { Bundle } from '@cep/contracts/bundle';
import { parseCertificate } from '@cep/nebula/certificates';
import { renderConfig } from '@cep/nebula/config';
import type { DebugServer } from '@cep/nebula/host-settings';
import { writeDurably } from '../durable-file.ts';
import { failure } from '../failure.ts';
import type { ServerAddress } from './enrolment.ts';
import type { HostFolder } from './host-folder.ts';
import { privateKeyFor } from './keys.ts';
import { type NebulaProgram, tryConfig } from './nebula-program.ts';
import { nebulaSettings } from './nebula-settings.ts';

interface Wanted {
  readonly folder: HostFolder;
  readonly bundle: Bundle;
  readonly nebula: NebulaProgram;
  readonly debug?: DebugServer;
  readonly server?: ServerAddress | undefined;
}

/** A file that nebula would start with, beside the one in use. */
export interface StagedConfig {
  /** Puts it in the place of the one in use; both stay on the disk until {@link settle}. */
  use(): void;
  /** Puts back the file before. It takes no room on the disk. */
  undo(): void;
  /** Removes it, if it was not used. */
  discard(): void;
  /** Writes what is in use once more, so that at a reload nebula checks the flows under way anew. */
  renew(): void;
  /** Forgets the file before. */
  settle(): undefined;
}

/** Absent where the kernel has no IPv6. */
const IPV6 = '/proc/net/if_inet6';

/**
 * @throws {CLIError} with nebula's own words; where the clock is behind, with that
 * @throws {Problem} `invalid-request` for a bundle with which no nebula of this version would start
 */
export async function stageConfig({
  folder,
  bundle,
  nebula,
  debug,
  server,
}: Wanted): Promise<StagedConfig> {
  checkClock(bundle);
  const privateKey = privateKeyFor(folder.path, bundle.certificate);
  const options = { privateKey, nebulaVersion: nebula.version, ...(debug && { debug }) };
  const { config } = folder;
  const settings = nebulaSettings(bundle, nebula.version, server);
  // Others may be reached, and call, by either family.
  const listen = { ...settings.listen, host: existsSync(IPV6) ? '::' : '0.0.0.0' } as const;
  const render = () => renderConfig({ ...settings, listen }, { ...options, round: Date.now() });
  const draft = `${config}.draft.yml`;
  const before = `${config}.before`;
  const discard = () => rmSync(draft, { force: true });
  try {
    writeDurably(draft, render());
    await tryConfig(nebula, draft);
  } catch (error) {
    discard();
    throw error;
  }
  return {
    use() {
      rmSync(before, { force: true });
      if (existsSync(config)) linkSync(config, before);
      renameSync(draft, config);
    },
    renew: () => writeDurably(config, render()),
    undo: () => renameSync(before, config),
    settle() {
      rmSync(before, { force: true });
    },
    discard,
  };
}

/** Nebula would call the certificate expired. */
function checkClock({ certificate }: Bundle): void {
  const [now, begin] = [new Date(), new Date(parseCertificate(certificate).notBefore * 1000)];
  if (begin <= now) return;
  throw failure(
    `The clock of this machine is behind: it says ${now.toISOString()}, and its certificate begins at ${begin.toISOString()}. Set the clock and try again; nothing was changed.`,
  );
}
