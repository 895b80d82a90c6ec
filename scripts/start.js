/**
 * `npm start`: from a fresh clone to a running cep. Plain JavaScript that any Node from 18 on runs,
 * since nothing is installed yet when it begins.
 *
 *   npm start                    installs what is missing, after saying so, and starts
 *   npm start -- --no-install    installs nothing; says what to run instead
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies, projectNode } from './dependencies.js';
import { linkCommand } from './link.js';
import { installPrograms } from './programs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const mayInstall = !process.argv.includes('--no-install');

ensureDependencies({ mayInstall });
installPrograms({ mayInstall });
const command = mayInstall ? linkCommand() : './cep';

const options = [
  '--conditions=source',
  '--disable-warning=ExperimentalWarning',
  // Of what dies young V8 would keep 48 MB before it tidies up, which is never needed here.
  '--max-semi-space-size=8',
];
const server = spawn(projectNode, [...options, 'deploy/standalone/src/main.ts'], {
  stdio: 'inherit',
  cwd: root,
  env: {
    ...process.env,
    CEP_COMMAND: command,
    // From the second start on nothing is compiled, and what strips the types is not loaded.
    NODE_COMPILE_CACHE: `${root}node_modules/.cache/cep`,
  },
});
// Ctrl-C reaches the server too; this process only waits for it to end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
