/** What `deploy/Dockerfile` builds on where neither a registry nor npm is reached. */
import { cpSync, globSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fromRig } from '@cep/testing/from-rig';
import { root, run } from './cep.ts';

const NAME = 'cep-offline-base';

const PROGRAMS = ['{services/*}...', '{gateway}...', '{deploy/init}...'];

/** pnpm finds the packages in place: their store would be ten times as large. */
const dockerfile = (store: string) => `
FROM cep-base:24
ENV PNPM_CONFIG_STORE_DIR=${store} PNPM_CONFIG_OFFLINE=true PNPM_CONFIG_MINIMUM_RELEASE_AGE=0
COPY bin /usr/local/bin
COPY typescript /usr/local/lib/typescript
RUN ln -s ../lib/typescript/lib/tsc /usr/local/bin/tsc
COPY cep /cep
`;

/** @returns the name of an image with Node, pnpm, tsc and the installed packages of every program */
export async function buildOfflineBase(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cep-base-'));
  try {
    for (const file of manifests()) cpSync(join(root, file), join(folder, 'cep', file));
    const pnpm = await findPnpm();
    const install = [
      'install',
      '--dir',
      join(folder, 'cep'),
      '--frozen-lockfile',
      '--offline',
      '--ignore-scripts',
      '--prod',
    ];
    const filters = PROGRAMS.flatMap((program) => ['--filter', program]);
    await succeed(pnpm, ...install, '--config.package-import-method=copy', ...filters);
    const store = (await succeed(pnpm, 'store', 'path')).trim();
    cpSync(pnpm, join(folder, 'bin/pnpm'));
    cpSync(typescriptFolder(), join(folder, 'typescript'), { recursive: true });
    writeFileSync(join(folder, 'Dockerfile'), dockerfile(dirname(store)));
    await succeed(fromRig('TEST_DOCKER_CLI'), 'build', '--quiet', '--tag', NAME, folder);
    return NAME;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lock file, and what names packages in the folders that `.dockerignore` lets through. */
function manifests(): string[] {
  const programs = '{gateway,deploy/init,{packages,services}/*}/package.json';
  const exclude = ['packages/testing/**'];
  return globSync([programs, 'package.json', 'pnpm-*.yaml'], { cwd: root, exclude });
}

/** The program that npx keeps: it is one file, which needs nothing beside it. */
async function findPnpm(): Promise<string> {
  const which = ['exec', '--offline', '--yes', '--package=pnpm@12', '--call', 'command -v pnpm'];
  return realpathSync((await succeed('npm', ...which)).trim());
}

/** The compiler for this kind of machine, with its libraries. */
function typescriptFolder(): string {
  const typescript = realpathSync(join(root, 'node_modules/typescript'));
  return realpathSync(join(typescript, `../@typescript/typescript-linux-${process.arch}`));
}

async function succeed(program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: process.env.TEST_DOCKER_HOST, NODE_OPTIONS: '' };
  const { code, stdout, stderr } = await run(program, args, env);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}
