import { networkInterfaces } from 'node:os';
import type { Claimed } from '../archives/contents.ts';
import { failure } from '../failure.ts';
import { openBundle } from './bundle.ts';
import { checkClaims } from './claims.ts';
import { stageConfig } from './config-file.ts';
import { type Enrolment, findEnrolment, forget, stageEnrolment } from './enrolment.ts';
import type { HostFolder } from './host-folder.ts';
import { adoptNextKey, isKeyFor, takeNextKey } from './keys.ts';
import type { NebulaProgram } from './nebula-program.ts';
import { expiryOf } from './status.ts';
import { stopHost } from './stop-host.ts';

/**
 * Makes this machine the host that an archive says it is, in place of an earlier archive of the same
 * host. It lives from disk alone. Until all of it was found to be good nothing is changed.
 *
 * @throws {CLIError}
 */
export async function adopt(
  folder: HostFolder,
  archive: Claimed,
  nebula: NebulaProgram,
): Promise<Enrolment> {
  const earlier = await findEnrolment(folder);
  if (earlier?.server) throw isLive(folder);
  const enrolment = await open(folder, archive, earlier);
  const bundle = enrolment.content;
  const undo = takeNextKey(folder.path, archive.privateKey);
  try {
    (await stageConfig({ folder, bundle, nebula })).discard();
    await stopHost(folder);
    stageEnrolment(folder, enrolment).commit();
  } catch (error) {
    if (earlier) undo();
    else forget(folder);
    throw error;
  }
  adoptNextKey(folder.path, bundle.certificate);
  return enrolment;
}

async function open(
  { network, host }: HostFolder,
  { signed, privateKey }: Claimed,
  earlier: Enrolment | undefined,
): Promise<Enrolment> {
  const first = await openBundle(signed, { network, host });
  // One that was deleted and made again has nothing in common with the one before but its name.
  const before = earlier?.content.host.id === first.host.id ? earlier : undefined;
  const bundleKey = before?.bundleKey ?? signed.bundleKey;
  const content = await openBundle(
    { ...signed, bundleKey },
    { network, host, current: before?.content },
  );
  checkClaims(content, networkInterfaces());
  if (!fits(privateKey, content.certificate)) {
    throw failure('The key in this archive is not that of its certificate. Nothing was changed.');
  }
  const end = expiryOf(content);
  if (end <= new Date()) {
    throw failure(
      `The certificate in this archive expired on ${end.toISOString()}: make another with "cep host bundle ${network} ${host}".`,
    );
  }
  return { bundle: signed.bundle, bundleKey, content };
}

function fits(privateKey: string, certificate: string): boolean {
  try {
    return isKeyFor(privateKey, certificate);
  } catch {
    return false;
  }
}

const isLive = ({ network, host }: HostFolder) =>
  failure(
    `This machine is ${host} of ${network} already, and hears from the server: keep it so, or run "cep host disconnect ${network} ${host} --forget" first.`,
  );
