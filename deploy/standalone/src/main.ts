/** cep on one machine: every service in this process, PostgreSQL beside it. */
import { stopSignal } from '@cep/config/stop-signal';
import { loadSettings } from './config.ts';
import { startStandalone } from './standalone.ts';

try {
  const stopping = stopSignal();
  const standalone = await startStandalone(loadSettings());
  process.stdout.write(standalone.greeting);
  await Promise.race([stopping, standalone.ended]);
  process.stdout.write('\nStopping …\n');
  await standalone.stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
