import { existsSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { Bundle } from '@cep/contracts/bundle';
import { enrolHost } from '@cep/contracts/hosts';
import { Problem } from '@cep/contracts/problems';
import type { Client } from '@cep/http/client';
import type { Curve } from '@cep/nebula/details';
import { type StagedFile, stage } from '../durable-file.ts';
import { failure } from '../failure.ts';
import { openBundle, type SignedBundle } from './bundle.ts';
import { checkClaims } from './claims.ts';
import type { HostFolder } from './host-folder.ts';
import { inTurn } from './in-turn.ts';
import { hostKeys } from './keys.ts';

/** Where the control plane is, and the one certificate that it may show, as PEM. */
export interface ServerAddress {
  readonly url: string;
  readonly certificate?: string | undefined;
}

interface Kept extends SignedBundle {
  /** Absent: this host lives from disk alone. */
  readonly server?: ServerAddress | undefined;
}

/** What this machine is as a host: what it was told last, and by whom. */
export interface Enrolment extends Kept {
  readonly content: Bundle;
}

const fileOf = ({ path }: HostFolder): string => join(path, 'enrolment.json');

/**
 * What this machine is as the host; nothing when it was not enrolled yet.
 *
 * @throws {CLIError} when the file was tampered with
 */
export async function findEnrolment(folder: HostFolder): Promise<Enrolment | undefined> {
  const kept = readEnrolment(folder);
  return kept && { ...kept, content: await openBundle(kept, folder) };
}

/**
 * Makes this machine the host, in exchange for a one-time code. When the answer is lost, the same
 * code can be given again, for the keys stay; of a machine that was refused nothing stays. Where many
 * machines share an address, the server may put them off: each then waits for its turn.
 *
 * @param waits  told for how many seconds
 * @throws {Problem} `enrolment-refused`, `unfit-for-nebula`, `unavailable`
 * @throws {CLIError} when the answer is not to be trusted
 */
export async function enrol(
  { client, server }: { readonly client: Client; readonly server: ServerAddress },
  folder: HostFolder,
  proof: Proof,
  waits: (seconds: number) => void,
): Promise<Enrolment> {
  const { network, host } = folder;
  const ask = (curve?: Curve) => {
    const body = { ...proof, ...hostKeys(folder.path, curve) };
    return inTurn(() => client.call(enrolHost, { params: { network, host }, body }), waits);
  };
  const signed = await ask()
    .catch((error: unknown) => ask(wantedCurve(error)))
    .catch((error: unknown) => {
      const isRefused = error instanceof Problem && error.code === 'enrolment-refused';
      if (isRefused && !existsSync(fileOf(folder))) forget(folder);
      throw error;
    });
  const content = await openBundle(signed, folder);
  checkClaims(content, networkInterfaces());
  const enrolment = { ...signed, server, content };
  stageEnrolment(folder, enrolment).commit();
  return enrolment;
}

interface Proof {
  readonly code: string;
  readonly nebulaVersion: string;
}

/** Which keys a network wants is told to those alone who have a code. */
function wantedCurve(error: unknown): Curve {
  const curve = error instanceof Problem && error.code === 'wrong-curve' && error.members.curve;
  if (curve === 'p256' || curve === 'curve25519') return curve;
  throw error;
}

/** What will be in use from the commit on. */
export function stageEnrolment(folder: HostFolder, enrolment: Enrolment): StagedFile {
  const { bundle, bundleKey, server } = enrolment;
  const kept: Kept = { bundle, bundleKey, server };
  return stage(fileOf(folder), `${JSON.stringify(kept, undefined, 2)}\n`);
}

/** Forgets keys and certificate: this machine is the host no longer. */
export function forget({ path }: HostFolder): void {
  rmSync(path, { recursive: true, force: true });
  try {
    rmdirSync(dirname(path));
  } catch {
    // Other hosts of the network are there, or it never was.
  }
}

function readEnrolment(folder: HostFolder): Kept | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Kept;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const { network, host } = folder;
    throw failure(
      `${fileOf(folder)} cannot be read: run as the user who connected, or start afresh with "cep host disconnect ${network} ${host} --forget".`,
      { cause },
    );
  }
}
