import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Bundle } from '@cep/contracts/bundle';
import { failure } from '../failure.ts';
import { detach } from './detach.ts';
import type { HostFolder } from './host-folder.ts';
import { untilUp } from './interface.ts';
import type { NebulaProgram } from './nebula-program.ts';
import { runHost } from './run-host.ts';
import { stopHost } from './stop-host.ts';

/** From a start to an address on the interface; measured, it takes a tenth of a second. */
const UP_WITHIN_MS = 10_000;
const TAIL_BYTES = 2_000;

export interface Start {
  /** Where the program's modules are. */
  readonly root: string;
  readonly folder: HostFolder;
  readonly bundle: Bundle;
  readonly nebula: NebulaProgram;
  readonly announce: () => void;
}

/**
 * @throws {CLIError} with the end of the log when the interface does not get its address; nothing
 *   runs then
 */
export async function startDetached({ root, folder, bundle, nebula, announce }: Start) {
  const logBefore = existsSync(folder.log) ? statSync(folder.log).size : 0;
  detach(root, folder, nebula.path);
  if (await untilUp(folder, bundle, { withinMs: UP_WITHIN_MS })) return announce();
  // Left alone it would go on trying, and be taken for a connection.
  await stopHost(folder);
  throw failure(explain(tailOf(folder.log, logBefore), bundle));
}

/** Runs until Ctrl-C. Nebula's words appear as they come. */
export async function startHere({ folder, bundle, nebula, announce }: Start): Promise<void> {
  const done = new AbortController();
  const announced = untilUp(folder, bundle, { withinMs: UP_WITHIN_MS, stop: done.signal }).then(
    (isUp) => {
      if (isUp) announce();
    },
  );
  const log = (line: string) => process.stderr.write(`${line}\n`);
  await runHost({ folder, nebula: nebula.path, log });
  done.abort();
  await announced;
}

/** A lighthouse listens on a fixed port, which another network of the machine may have. */
function explain(lastWords: string, { network, host }: Bundle): string {
  if (!/address already in use/.test(lastWords))
    return `nebula did not start; its last words:\n${lastWords}`;
  return `The UDP port of ${host.name} is in use on this machine, perhaps by a lighthouse of another network: delete the host "${host.name}" of "${network.name}" and create it with another --port.`;
}

function tailOf(path: string, from: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= from) return '(none)';
  const begin = Math.max(from, size - TAIL_BYTES);
  const buffer = Buffer.alloc(size - begin);
  const file = openSync(path, 'r');
  readSync(file, buffer, 0, buffer.length, begin);
  closeSync(file);
  return buffer.toString('utf8').trim().split('\n').slice(-8).join('\n');
}
