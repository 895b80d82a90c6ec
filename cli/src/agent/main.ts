/** The supervisor in a process of its own: `main.ts FOLDER NETWORK HOST NEBULA`; see `detach.ts`. */
import { folderAt } from './host-folder.ts';
import { logFile } from './log-file.ts';
import { runHost } from './run-host.ts';

const [path = '', network = '', host = '', nebula = ''] = process.argv.slice(2);
const folder = folderAt(path, network, host);
const log = logFile(folder.log);

process.umask(0o077);
process.on('SIGHUP', () => {});
try {
  await runHost({ folder, nebula, log });
  log('stopped');
} catch (error) {
  log(`the supervisor failed: ${(error as Error).stack}`);
  process.exitCode = 1;
}
