/** cep on one machine: every service in this process, PostgreSQL beside it. */
import { stopSignal } from '@cep/config/stop-signal';
import { loadSettings } from './config.ts';
import { startStandalone } from './standalone.ts';

// `npm start | head`: whoever read the output has seen enough, and cannot be told so there.
const unread = new Promise<string>((resolve) => {
  process.stdout.on('error', () => resolve('Nobody reads the output any more: cep stops.'));
  process.stderr.on('error', () => {});
});

try {
  const stopping = stopSignal();
  const standalone = await startStandalone(loadSettings());
  process.stdout.write(standalone.greeting);
  const why = await Promise.race([stopping.then(() => ''), standalone.ended, unread]);
  if (why) {
    process.stderr.write(`${why}\n`);
    process.exitCode = 1;
  } else {
    process.stdout.write('\nStopping …\n');
  }
  await standalone.stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
