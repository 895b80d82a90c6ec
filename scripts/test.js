import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies, projectNode } from './dependencies.js';

const runner = fileURLToPath(new URL('../packages/testing/src/rig/run.ts', import.meta.url));

ensureDependencies();
const child = spawn(projectNode, ['--conditions=source', runner, ...process.argv.slice(2)], {
  // The channel tells the runner when this process is gone, by whatever signal.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
