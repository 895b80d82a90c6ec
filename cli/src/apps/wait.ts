import type { Operation } from '@cep/contracts/operations';
import type { Client } from '@cep/http/client';
import { failure } from '../failure.ts';
import { followOperation } from './follow-operation.ts';
import { progressOn } from './progress.ts';

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

const CANCELLABLE: readonly Operation['kind'][] = [
  'deploy',
  'update',
  'rollback',
  'backup',
  'restore',
];

interface Waiting {
  readonly client: Client;
  readonly operation: Operation;
  /** Shows nothing on the way. */
  readonly quiet: boolean;
}

/**
 * Waits, showing progress on standard error, until an operation has succeeded. Ctrl-C ends the
 * waiting and not the operation, and says so.
 *
 * @throws {CLIError} with the reason and what to do about it when the operation fails
 */
export async function waitFor({ client, operation, quiet }: Waiting): Promise<void> {
  const progress = progressOn(process.stderr);
  const leave = () => {
    progress.clear();
    const { kind, app } = operation;
    const cancel = CANCELLABLE.includes(kind) ? `, or break it off: "cep apps cancel ${app}"` : '';
    process.stderr.write(`The ${kind} of ${app} goes on: see "cep apps show ${app}"${cancel}.\n`);
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', leave);
  try {
    const show = quiet ? () => {} : progress.show;
    const { failure: reason } = await followOperation(client, operation.id, show);
    if (reason) throw failure(`${reason.message}\n${reason.next}`.trim());
  } finally {
    progress.clear();
    process.off('SIGINT', leave);
  }
}
