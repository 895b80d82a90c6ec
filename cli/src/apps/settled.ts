import { setTimeout as sleep } from 'node:timers/promises';
import type { AppDetails } from '@cep/contracts/apps';
import { failure } from '../failure.ts';

/** What ends does so soon, if nothing else tells; and the network states the name of an app in this time. */
const WITHIN_MS = 2_000;
const LOOK_MS = 100;

/**
 * Looks at an app that has just come up until nothing more is to be expected: it has its name on its
 * network, and what has no health check has stayed up for a while.
 *
 * @throws {CLIError} with the reason and what to do about it when it fails meanwhile
 */
export async function settled(ask: () => Promise<AppDetails>): Promise<AppDetails> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const app = await ask();
    if (app.state === 'failed') throw ended(app);
    const isNamed = app.network === null || app.domain !== null;
    const isProven = app.services.every(({ health }) => health !== null);
    if ((isNamed && isProven) || Date.now() > deadline) return app;
    await sleep(LOOK_MS);
  }
}

const ended = ({ name, reason }: AppDetails) =>
  failure(
    `${name} ran, and failed a moment later.\n${reason?.message ?? ''}\n${reason?.next ?? ''}`.trim(),
  );
